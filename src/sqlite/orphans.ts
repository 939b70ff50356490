import { yieldToEventLoop } from '../core/wait.ts'
import type { ForeignKey, Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Connection } from './connection.ts'

/** For how long counting may keep the event loop before it lets others run. */
const sliceMs = 1.5
const looksEvery = 64

/**
 * How many rows refer to a parent that is not there, as `PRAGMA foreign_key_check` would count them, but
 * in slices: the pragma would keep the event loop for as long as the tables are large.
 *
 * @param db a connection of the caller's own, which is busy until the end
 */
export async function countOrphans(db: Connection, tables: readonly Table[]): Promise<number> {
  let orphans = 0
  let looks = 0
  let sliceEnd = performance.now() + sliceMs
  for (const table of tables) {
    for (const foreignKey of table.foreignKeys) {
      const rows = db
        .prepare(eachRow(db, table, foreignKey))
        .pluck()
        .iterate()
      for (const isOrphan of rows) {
        orphans += isOrphan as number
        if (++looks % looksEvery === 0 && performance.now() > sliceEnd) {
          await yieldToEventLoop()
          sliceEnd = performance.now() + sliceMs
        }
      }
    }
  }
  return orphans
}

/** 1 or 0 for every row. */
function eachRow(db: Connection, table: Table, foreignKey: ForeignKey): string {
  return `SELECT ${orphanCondition(db, foreignKey)} FROM ${quote(table.name)} AS child`
}

/** Whether a row of `child` refers to a parent that is not there. A row with a NULL in its key refers to nothing. */
export function orphanCondition(
  db: Connection,
  { columns, parent, parentColumns }: ForeignKey,
): string {
  const refers = columns.map((column) => `child.${quote(column)} IS NOT NULL`).join(' AND ')
  // The parent's side stands first and the child's has lost its affinity, so that values are compared by
  // the collation and the affinity of the parent. https://www.sqlite.org/foreignkeys.html
  const same = parentColumns
    .map((column, index) => `parent.${quote(column)} = +child.${quote(columns[index] as string)}`)
    .join(' AND ')
  const exists = db
    .prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`)
    .get(parent)
  const missing =
    exists === undefined
      ? 'TRUE'
      : `NOT EXISTS (SELECT 1 FROM ${quote(parent)} AS parent WHERE ${same})`
  return `${refers} AND ${missing}`
}
