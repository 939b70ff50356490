import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { KeyValues } from '../values/value.ts'
import type { Connection, Statement } from './connection.ts'
import { exactValue, suspicionOf, type StoredBytes } from './exact-text.ts'
import { keptStatement } from './kept-statement.ts'
import { boundValues, parameter } from './rows.ts'

/** Puts keys into the journal by hand; the caller holds the write lock or does not mind. */
export function journalKeys(db: Connection, table: Table, keys: readonly KeyValues[]): void {
  const columns = keyColumns(table)
  const insert = (key: KeyValues): Statement =>
    keptStatement(
      db,
      `INSERT INTO _lockstep_journal (tbl, ${columns.join(', ')}) VALUES (?, ${key.map(parameter).join(', ')})`,
    )
  db.transaction(() => {
    for (const key of keys) insert(key).run(BigInt(table.id), ...boundValues(key))
  }).immediate()
}

/** The key of an entry, which was read as `key`, with `InvalidText` for each text that is not UTF-8. */
export function exactKey(db: Connection, seq: bigint, key: KeyValues): KeyValues {
  if (!key.some(suspicionOf(db))) return key
  const columns = key.map((_, index) => `CAST(k${index} AS BLOB)`)
  const stored = keptStatement(
    db,
    `SELECT ${columns.join(', ')} FROM _lockstep_journal WHERE seq = ?`,
  )
  const bytes = stored.raw().get(seq) as StoredBytes
  return key.map((value, index) => exactValue(value, bytes[index]))
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
