import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { journalRows } from '../sqlite/journal.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

/** Ranges go by key and cannot name a NULL in it; the applier finds those rows by the journal. */
export async function journalNullKeys(
  writer: SqliteWriter,
  tables: readonly Table[],
): Promise<void> {
  await writer.write(() => {
    for (const table of tables) {
      if (table.key.kind !== 'declared') continue
      const isNull = table.key.columns.map((column) => `${quote(column)} IS NULL`)
      journalRows(writer.db, table, isNull.join(' OR '))
    }
  })
}
