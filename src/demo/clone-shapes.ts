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
  const fresh = createFreshValues(db, table)
  const farKey = findFarKey(db, table)
  const draw = (model: ReadonlyMap<string, Value>, ahead: bigint): Map<string, Value>[] => {
    const cells = fresh.draw(model, random, ahead)
    return cells === null ? [] : [new Map([...model, ...cells])]
  }
  const works = (model: ReadonlyMap<string, Value>): boolean => {
    // Two of them: a table may have room for one row alone.
    const near = [...draw(model, 0n), ...draw(model, 0n)]
    // The traffic must not come to an upper bound of a CHECK, nor to the largest integer.
    const far = draw(model, farAhead).map((row) => new Map([...row, ...farKey]))
    const work =
      near.length === 2 &&
      far.length === 1 &&
      rowsWork(db, table, columns, near) &&
      rowsWork(db, table, names, far)
    for (const row of [...near, ...far]) fresh.release(row)
    return work
  }
  const models = candidates.filter(works)
  return models.length === 0 ? null : { sql: insertSql(table, columns), columns, models, fresh }
}

/** More rows than the traffic inserts. */
const farAhead = 1_000_000n

/** The key that the database will have given out after so many rows; empty where no column is one. */
function findFarKey(db: Database, table: FileTable): Map<string, Value> {
  const [key = ''] = table.key
  if (!table.generatedKey || !table.columns.some(({ name }) => name === key)) return new Map()
  const highest = db
    .prepare<unknown[], bigint | null>(`SELECT max(${quote(key)}) FROM ${quote(table.name)}`)
    .pluck()
    .get()
  return new Map([[key, (highest ?? 0n) + farAhead]])
}

function insertSql(table: FileTable, columns: readonly string[]): string {
  const marks = columns.map(() => '?').join(', ')
  return (
    `INSERT INTO ${quote(table.name)} (${columns.map(quote).join(', ')}) VALUES (${marks})` +
    ` RETURNING ${table.key.map(quote).join(', ')}`
  )
}

/** In, as they were meant, and out again. */
function rowsWork(
  db: Database,
  table: FileTable,
  columns: readonly string[],
  rows: readonly ReadonlyMap<string, Value>[],
): boolean {
  return attempt(db, () => {
    // SQLite prepares no INSERT into a table that refers to one which does not exist.
    const insert = db.prepare<unknown[], Value[]>(insertSql(table, columns)).raw()
    const read = db
      .prepare<unknown[], Value[]>(
        `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`,
      )
      .raw()
    const remove = db.prepare(`DELETE FROM ${quote(table.name)} WHERE ${keyCondition(table)}`)
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
}
