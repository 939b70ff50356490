import { LockstepError } from '../core/errors.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Connection, SqliteFile } from './connection.ts'
import { countSource, countSources } from './count-rows.ts'

/** An index that has an entry for each row of its table. */
interface WholeIndex {
  readonly table: string
  readonly name: string
  /** Rows are read by it. Else the table is its own key's index, and only another index can tell of rows that it lost. */
  readonly isKey: boolean
  /** What stands behind FROM: the rows themselves, and the entries of the index. */
  readonly sources: readonly [string, string]
}

/**
 * Rows are read in the order of their key, and so by its index: one that is damaged hides rows from a backfill, a verify and
 * an export alike, and a file's quick_check does not look. Counted in a thread where the file is large.
 * @throws LockstepError SQLITE_CORRUPT
 */
export async function refuseHiddenRows(
  file: Pick<SqliteFile, 'path' | 'isSetUp' | 'reader' | 'openReader'>,
  tables: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const indexes = tables.flatMap((table) => wholeIndex(file.reader, table) ?? [])
  const counts = await countSources(
    file,
    indexes.map(({ sources }) => sources),
    signal,
  )
  for (const [position, index] of indexes.entries()) {
    const [rows, entries] = counts[position] as readonly [number, number]
    refuseUnequal(file.path, index, rows, entries)
  }
}

/**
 * The same of one table, in the transaction that is open on a connection.
 * @throws LockstepError SQLITE_CORRUPT
 */
export async function refuseHiddenRowsOf(
  db: Connection,
  table: string,
  signal?: AbortSignal,
): Promise<void> {
  const index = wholeIndex(db, table)
  if (index === undefined) return
  const [ofTable, ofIndex] = index.sources
  const rows = await countSource(db, ofTable, signal)
  refuseUnequal(db.name, index, rows, await countSource(db, ofIndex, signal))
}

function wholeIndex(db: Connection, table: string): WholeIndex | undefined {
  const indexes = db
    .prepare(
      `SELECT i.name, i.origin, t.wr FROM pragma_table_list(?) AS t, pragma_index_list(t.name, 'main') AS i
        WHERE t.schema = 'main' AND i.partial = 0`,
    )
    .all(table) as { name: string; origin: string; wr: number }[]
  const key = indexes.find(({ origin }) => origin === 'pk')
  if (key === undefined) return undefined
  const entries = (name: string): string =>
    `(SELECT 1 FROM ${quote(table)} INDEXED BY ${quote(name)} LIMIT -1)`
  if (key.wr === 0)
    return {
      table,
      name: key.name,
      isKey: true,
      sources: [`${quote(table)} NOT INDEXED`, entries(key.name)],
    }
  const other = indexes.find(({ origin }) => origin !== 'pk')
  if (other === undefined) return undefined
  // Such a table that is to be read by no index is read by one that is smaller all the same.
  return {
    table,
    name: other.name,
    isKey: false,
    sources: [entries(key.name), entries(other.name)],
  }
}

function refuseUnequal(
  path: string,
  { table, name, isKey }: WholeIndex,
  rows: number,
  entries: number,
): void {
  if (rows === entries) return
  const wayOut = isKey
    ? `Rows are read by it. \`REINDEX ${quote(name)}\` makes it anew from the rows; then compare again`
    : 'One of them is damaged: `PRAGMA integrity_check` says more. Recover the file with `sqlite3 FILE .recover`, or restore a backup'
  throw new LockstepError(
    'SQLITE_CORRUPT',
    `The SQLite file ${path} is damaged: table ${table} has ${rows} rows, and its index ${name} has ${entries}. ${wayOut}`,
    { details: { path, table, index: name, rows, entries } },
  )
}
