import type { Database } from 'better-sqlite3'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Value } from '../values/value.ts'
import { attempt } from './attempt.ts'
import { canonical } from './canonical.ts'
import { keyCondition, type FileTable } from './file-tables.ts'
import { createFreshValues, type FreshValues } from './fresh-values.ts'
import type { Random } from './random.ts'

export interface CloneShape {
  readonly sql: string
  /** The columns of the statement, in its order. */
  readonly columns: readonly string[]
  readonly models: readonly ReadonlyMap<string, Value>[]
  readonly fresh: FreshValues
}

/** An INSERT of rows like `candidates`, as far as they can be inserted and deleted again. */
export function findClone(
  db: Database,
  table: FileTable,
  candidates: readonly ReadonlyMap<string, Value>[],
  random: Random,
): CloneShape | null {
  const names = table.columns.map(({ name }) => name)
  const columns = table.generatedKey ? names.filter((name) => !table.key.includes(name)) : names
  if (columns.length === 0) return null
  const marks = columns.map(() => '?').join(', ')
  const sql =
    `INSERT INTO ${quote(table.name)} (${columns.map(quote).join(', ')}) VALUES (${marks})` +
    ` RETURNING ${table.key.map(quote).join(', ')}`
  const fresh = createFreshValues(db, table)
  const models = candidates.filter((model) =>
    cloneWorks(db, table, { sql, columns, fresh }, model, random),
  )
  return models.length === 0 ? null : { sql, columns, models, fresh }
}

/** In, as it was meant, and out again. */
function cloneWorks(
  db: Database,
  table: FileTable,
  { sql, columns, fresh }: Omit<CloneShape, 'models'>,
  model: ReadonlyMap<string, Value>,
  random: Random,
): boolean {
  const cells = fresh.draw(model, random)
  if (cells === null) return false
  const row = new Map([...model, ...cells])
  const works = attempt(db, () => {
    const key = db
      .prepare<unknown[], Value[]>(sql)
      .raw()
      .get(...columns.map((name) => row.get(name) ?? null))
    if (key === undefined) return false
    const read = `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
    const after =
      db
        .prepare<unknown[], Value[]>(read)
        .raw()
        .get(...key) ?? []
    const same = columns.every(
      (name, at) => canonical(after[at] ?? null) === canonical(row.get(name) ?? null),
    )
    const remove = `DELETE FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
    return same && db.prepare(remove).run(...key).changes === 1
  })
  fresh.release(row)
  return works
}
