import type { ForeignKey } from './model.ts'
import { foldName } from './quote.ts'
import { numberOf, textOf, textOrNull, type SchemaReader } from './reader.ts'
import type { TableText } from './table-text.ts'

/** The foreign keys of a table in order of declaration, with names as the parent declares them. */
export function readForeignKeys(
  db: SchemaReader,
  table: string,
  text: TableText | null,
): ForeignKey[] {
  const rows = db.all(
    `SELECT id, seq, "table", "from", "to", on_update, on_delete
     FROM pragma_foreign_key_list(?, 'main') ORDER BY id DESC, seq`,
    table,
  )
  const ids = [...new Set(rows.map((row) => numberOf(row, 'id')))]
  // SQLite numbers them from the last declared to the first; the text gives them from first to last.
  const deferred = text?.deferred.length === ids.length ? text.deferred : []
  return ids.map((id, position) => {
    const parts = rows.filter((row) => numberOf(row, 'id') === id)
    return readForeignKey(db, parts, deferred[position] ?? false)
  })
}

function readForeignKey(
  db: SchemaReader,
  parts: readonly Record<string, unknown>[],
  deferred: boolean,
): ForeignKey {
  const first = parts[0] as Record<string, unknown>
  const parent = declaredTable(db, textOf(first, 'table'))
  const named = parts.flatMap((part) => textOrNull(part, 'to') ?? [])
  return {
    columns: parts.map((part) => textOf(part, 'from')),
    parent,
    // Without a list of its own the key means the parent's primary key.
    parentColumns: parentColumns(db, parent, named),
    onUpdate: textOf(first, 'on_update'),
    onDelete: textOf(first, 'on_delete'),
    deferred,
  }
}

function declaredTable(db: SchemaReader, name: string): string {
  const rows = db.all(
    `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`,
    name,
  )
  return rows[0] === undefined ? name : textOf(rows[0], 'name')
}

function parentColumns(db: SchemaReader, parent: string, named: readonly string[]): string[] {
  const rows = db.all(`SELECT name, pk FROM pragma_table_xinfo(?, 'main') ORDER BY pk`, parent)
  if (named.length === 0) {
    return rows.filter((row) => numberOf(row, 'pk') > 0).map((row) => textOf(row, 'name'))
  }
  const declared = new Map(rows.map((row) => [foldName(textOf(row, 'name')), textOf(row, 'name')]))
  return named.map((name) => declared.get(foldName(name)) ?? name)
}
