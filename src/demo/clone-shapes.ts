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

/** Two of them in, as they were meant, and out again: a table may have room for one row alone. */
function cloneWorks(
  db: Database,
  table: FileTable,
  { sql, columns, fresh }: Omit<CloneShape, 'models'>,
  model: ReadonlyMap<string, Value>,
  random: Random,
): boolean {
  const rows: ReadonlyMap<string, Value>[] = []
  for (let clone = 0; clone < 2; clone++) {
    const cells = fresh.draw(model, random)
    if (cells !== null) rows.push(new Map([...model, ...cells]))
  }
  const insert = db.prepare<unknown[], Value[]>(sql).raw()
  const read = db
    .prepare<unknown[], Value[]>(
      `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`,
    )
    .raw()
  const remove = db.prepare(`DELETE FROM ${quote(table.name)} WHERE ${keyCondition(table)}`)
  const works = attempt(db, () => {
    const keys = rows.map((row) => insert.get(...columns.map((name) => row.get(name) ?? null)))
    return keys.every((key, at) => {
      const after = key === undefined ? undefined : read.get(...key)
      const same = columns.every(
        (name, column) =>
          canonical(after?.[column] ?? null) === canonical(rows[at]?.get(name) ?? null),
      )
      return key !== undefined && same && remove.run(...key).changes === 1
    })
  })
  for (const row of rows) fresh.release(row)
  return works && rows.length === 2
}
