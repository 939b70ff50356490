import type { Database } from 'better-sqlite3'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Value } from '../values/value.ts'
import { attempt } from './attempt.ts'
import { canonical } from './canonical.ts'
import { keyCondition, type FileTable } from './file-tables.ts'
import type { Random } from './random.ts'

export interface UpdateShape {
  readonly column: string
  readonly sql: string
  /** A value for the column that its constraints accept. */
  value(random: Random): Value
}

type Keys = readonly (readonly Value[])[]

const maxUpdates = 3
const triedRows = 10

/** Updates of columns that are neither a key nor a reference, as far as they work on some rows. */
export function findUpdates(
  db: Database,
  table: FileTable,
  keys: Keys,
  random: Random,
): UpdateShape[] {
  if (keys.length === 0) return []
  const taboo = new Set([
    ...table.key,
    ...table.uniqueSets.flat(),
    ...table.parents.flatMap(({ columns }) => columns),
  ])
  const tried = keys.slice(0, triedRows)
  const found: UpdateShape[] = []
  for (const { name } of table.columns) {
    if (found.length === maxUpdates) break
    if (taboo.has(name)) continue
    const shape = [markedText(db, table, name), pooled(db, table, name)].find(
      (candidate) => candidate !== null && updateWorks(db, table, candidate, tried, random),
    )
    if (shape !== undefined && shape !== null) found.push(shape)
  }
  return found
}

function updateSql(table: FileTable, column: string): string {
  return `UPDATE ${quote(table.name)} SET ${quote(column)} = ? WHERE ${keyCondition(table)}`
}

/** Text that says which write it is from, where the column holds text and nothing but text. */
function markedText(db: Database, table: FileTable, column: string): UpdateShape | null {
  const isText = table.columns.some(({ name, affinity }) => name === column && affinity === 'text')
  const values = distinctValues(db, table, column)
  if (!isText || values.length === 0) return null
  const looksStructured = values.some(
    (value) => typeof value !== 'string' || /^[[{]|^\d/.test(value),
  )
  if (looksStructured) return null
  const words = values.map((value) => String(value).split(' ✎')[0])
  return {
    column,
    sql: updateSql(table, column),
    value: (random) => `${random.pick(words)} ✎${random.integer(1, 1_000_000_000)}`,
  }
}

/** A value that another row of the same column has: right in class, form and range. */
function pooled(db: Database, table: FileTable, column: string): UpdateShape | null {
  const values = distinctValues(db, table, column)
  if (values.length < 2) return null
  return { column, sql: updateSql(table, column), value: (random) => random.pick(values) }
}

/** Under a name of its own: SQLite finds no column of a subquery that is called "true" or "false". */
function distinctValues(db: Database, table: FileTable, column: string): Value[] {
  const name = quote(column)
  return db
    .prepare<unknown[], Value[]>(
      `SELECT DISTINCT value FROM (SELECT ${name} AS value FROM ${quote(table.name)} LIMIT 5000)
        WHERE value IS NOT NULL AND length(value) < 2000 LIMIT 300`,
    )
    .raw()
    .all()
    .map(([value]) => value ?? null)
}

function updateWorks(
  db: Database,
  table: FileTable,
  shape: UpdateShape,
  keys: Keys,
  random: Random,
): boolean {
  const column = quote(shape.column)
  const read = `SELECT ${column} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
  return attempt(db, () =>
    keys.every((key) => {
      const value = shape.value(random)
      const { changes } = db.prepare(shape.sql).run(value, ...key)
      const after = db
        .prepare<unknown[], Value[]>(read)
        .raw()
        .get(...key)?.[0]
      return changes === 1 && canonical(after ?? null) === canonical(value)
    }),
  )
}
