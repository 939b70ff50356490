import type Database from 'better-sqlite3'
import { readSchema } from '../../src/schema/read.ts'
import { quoteIdentifier as quote } from '../../src/schema/quote.ts'
import { schemaReader } from '../../src/move/install.ts'
import type { SourceColumn, SourceTable } from '../../src/schema/source.ts'

/**
 * Fills the tables of a schema, parents first, with rows that respect keys, types and foreign keys: what a column is
 * called and declared as says what an application would keep in it. Rows that a constraint refuses are left out.
 * @returns the rows that are there
 */
export function fill(db: Database.Database, rowsPerTable: number): number {
  const { tables } = readSchema(schemaReader(db))
  let rows = 0
  db.pragma('foreign_keys = ON')
  for (const table of parentsFirst(tables)) {
    const columns = table.columns.filter(({ generated }) => !generated)
    const names = columns.map(({ name }) => quote(name)).join(', ')
    const insert = db.prepare(
      `INSERT OR IGNORE INTO ${quote(table.name)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
    )
    for (let number = 1; number <= rowsPerTable; number += 1) {
      try {
        rows += insert.run(columns.map((column) => valueFor(db, table, column, number))).changes
      } catch (error) {
        if (!/constraint/i.test(String(error))) throw error
      }
    }
  }
  return rows
}

function parentsFirst(tables: readonly SourceTable[]): SourceTable[] {
  const done = new Set<string>()
  const ordered: SourceTable[] = []
  const visit = (table: SourceTable): void => {
    if (done.has(table.name)) return
    done.add(table.name)
    for (const { parent } of table.foreignKeys) {
      const found = tables.find(({ name }) => name === parent)
      if (found !== undefined) visit(found)
    }
    ordered.push(table)
  }
  tables.forEach(visit)
  return ordered
}

type Value = null | number | bigint | string | Buffer

function valueFor(
  db: Database.Database,
  table: SourceTable,
  column: SourceColumn,
  number: number,
): Value {
  for (const { columns, parent, parentColumns } of table.foreignKeys) {
    const position = columns.indexOf(column.name)
    if (position === -1) continue
    const parentColumn = quote(parentColumns[position] ?? 'rowid')
    const sql = `SELECT ${parentColumn} FROM ${quote(parent)} LIMIT 1 OFFSET ?`
    return (
      (db
        .prepare(sql)
        .pluck()
        .get((number - 1) % 5) as Value | undefined) ?? null
    )
  }
  const isKey = table.key.columns.includes(column.name)
  if (!column.notNull && !isKey && number % 5 === 0) return null
  return byKind(`${column.name} ${column.declaredType}`, column, number)
}

function byKind(hints: string, { affinity, declaredType }: SourceColumn, number: number): Value {
  const moment = new Date(1_700_000_000_000 + number * 12_345_678)
  const uuid = `0a000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  if (/BOOL/i.test(hints)) return BigInt(number % 2)
  if (affinity === 'integer')
    return /time|_at|epoch/i.test(hints) ? BigInt(moment.getTime()) : BigInt(number)
  if (affinity === 'real') return number / 7
  if (/BLOB/i.test(declaredType)) return Buffer.from([number % 256, 0, 255])
  if (/uuid|^id\b|_id\b/i.test(hints)) return uuid
  if (/json|meta|tags|settings|payload|data/i.test(hints))
    return JSON.stringify({ n: number, tag: ['a'] })
  if (/DATETIME|_at\b|At\b/.test(hints)) return moment.toISOString().slice(0, 19).replace('T', ' ')
  if (/DATE/i.test(hints)) return moment.toISOString().slice(0, 10)
  if (affinity === 'numeric') return number / 4
  return number % 7 === 0 ? '' : `text ${number} ü`
}

const abuse: readonly Value[] = [
  '',
  '\\N',
  'a\0b',
  Buffer.from([0, 255]),
  2n ** 62n,
  0.5,
  null,
  'text',
]

/** One row for each odd value, which stands in all columns that take it but the key's. @returns the rows that are there */
export function misuse(db: Database.Database): number {
  const { tables } = readSchema(schemaReader(db))
  let rows = 0
  db.pragma('foreign_keys = OFF')
  db.pragma('ignore_check_constraints = ON')
  for (const table of tables) {
    const columns = table.columns.filter(({ generated }) => !generated)
    const names = columns.map(({ name }) => quote(name)).join(', ')
    const insert = db.prepare(
      `INSERT OR IGNORE INTO ${quote(table.name)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
    )
    for (const [index, odd] of abuse.entries()) {
      const values = columns.map((column) =>
        table.key.columns.includes(column.name) || (odd === null && column.notNull)
          ? byKind(`${column.name} ${column.declaredType}`, column, 1000 + index)
          : odd,
      )
      rows += insert.run(values).changes
    }
  }
  return rows
}
