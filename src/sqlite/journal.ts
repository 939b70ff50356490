import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { KeyValues } from '../values/value.ts'
import type { Connection } from './connection.ts'

/** Puts keys into the journal by hand; the caller holds the write lock or does not mind. */
export function journalKeys(db: Connection, table: Table, keys: readonly KeyValues[]): void {
  const columns = keyColumns(table)
  const insert = db.prepare(
    `INSERT INTO _lockstep_journal (tbl, ${columns.join(', ')}) VALUES (${table.id}, ${columns.map(() => '?').join(', ')})`,
  )
  db.transaction(() => {
    for (const key of keys) insert.run(...key)
  }).immediate()
}

/** Puts the keys of all rows that satisfy the condition into the journal. */
export function journalRows(
  db: Connection,
  table: Table,
  condition: string,
  values: KeyValues = [],
): void {
  const key = table.key.columns.map(quote).join(', ')
  db.prepare(
    `INSERT INTO _lockstep_journal (tbl, ${keyColumns(table).join(', ')})
     SELECT ${table.id}, ${key} FROM ${quote(table.name)} WHERE ${condition}`,
  ).run(...values)
}

function keyColumns(table: Table): string[] {
  return table.key.columns.map((_, index) => `k${index}`)
}
