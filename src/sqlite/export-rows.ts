import { yieldToEventLoop } from '../core/wait.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Row } from '../values/value.ts'
import type { Connection } from './connection.ts'
import { asBlobs, exactRows, type StoredBytes } from './exact-text.ts'

/** So many rows are read before others have their turn. */
const rowsPerChunk = 500

export interface ExportTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** What the rows are sorted by, so that two exports of one state are the same. */
  readonly order: readonly string[]
}

/** The ordinary tables of the application, and the virtual ones, whose rows only their module can name. */
export function exportTables(db: Connection): { tables: ExportTable[]; virtual: string[] } {
  const rows = db
    .prepare(
      `SELECT name, type, wr FROM pragma_table_list
        WHERE schema = 'main' AND type IN ('table', 'virtual')
          AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_lockstep\\_%' ESCAPE '\\'
        ORDER BY name`,
    )
    .all() as { name: string; type: string; wr: number }[]
  const tables = rows
    .filter(({ type }) => type === 'table')
    .map(({ name, wr }) => exportTable(db, name, wr === 1))
  return { tables, virtual: rows.filter(({ type }) => type === 'virtual').map(({ name }) => name) }
}

interface ColumnRow {
  name: string
  type: string
  pk: number
  hidden: number
}

function exportTable(db: Connection, name: string, withoutRowid: boolean): ExportTable {
  const rows = db
    .prepare('SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)')
    .all(name) as ColumnRow[]
  const columns = rows.filter(({ hidden }) => hidden !== 1)
  const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk)
  return {
    name,
    columns: columns.map(({ name, type }) => ({ name, type })),
    order: [...key.map(orderOf), ...(withoutRowid ? [] : rowidOf(columns))],
  }
}

/** A key is sorted by its bytes, as PostgreSQL sorts it. An INTEGER that is the rowid must not name a collation. */
function orderOf({ name, type }: ColumnRow): string {
  return type.toUpperCase() === 'INTEGER' ? quote(name) : `${quote(name)} COLLATE BINARY`
}

/** Keys that hold NULL may be there twice; then the order of insertion decides. */
function rowidOf(columns: readonly ColumnRow[]): string[] {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return ['rowid', '_rowid_', 'oid'].filter((alias) => !taken.has(alias)).slice(0, 1)
}

/** All rows of one table, in chunks. The connection has a transaction open, and nothing else runs on it. */
export async function* exportRows(db: Connection, table: ExportTable): AsyncGenerator<Row[], void> {
  const names = table.columns.map(({ name }) => quote(name))
  const select = (values: readonly string[]): string =>
    `SELECT ${values.join(', ')} FROM ${quote(table.name)}${table.order.length === 0 ? '' : ` ORDER BY ${table.order.join(', ')}`}`
  const bytes = db.prepare(`${select(asBlobs(names))} LIMIT -1 OFFSET ?`)
  const rows = exactRows(
    db,
    db.prepare(select(names)).raw().safeIntegers().iterate() as IterableIterator<Row>,
    [...names.keys()],
    (offset) => bytes.raw().iterate(offset) as IterableIterator<StoredBytes>,
  )
  let chunk: Row[] = []
  for (const row of rows) {
    chunk.push(row)
    if (chunk.length < rowsPerChunk) continue
    yield chunk
    chunk = []
    await yieldToEventLoop()
  }
  yield chunk
}
