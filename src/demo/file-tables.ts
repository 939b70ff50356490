import type { Database } from 'better-sqlite3'
import { quote } from './direct.ts'

/** What generic traffic has to know of a table. */
export interface FileTable {
  readonly name: string
  /** Generated columns left out. */
  readonly columns: readonly FileColumn[]
  /** As SQL text: the key's columns, or the bare name of the rowid where there is no key. */
  readonly key: readonly string[]
  /** The database gives out the key: INSERT leaves it out and asks for it with RETURNING. */
  readonly generatedKey: boolean
  /** Sets of columns of which no two rows may hold the same values; the key is one of them. */
  readonly uniqueSets: readonly (readonly string[])[]
  readonly parents: readonly {
    columns: readonly string[]
    table: string
    parentColumns: readonly string[]
  }[]
}

export interface FileColumn {
  readonly name: string
  readonly declaredType: string
}

interface ColumnRow {
  name: string
  type: string
  pk: number
  hidden: number
}

/** The tables that hold the application's data, virtual tables and their shadows left out. */
export function readFileTables(db: Database): FileTable[] {
  const names = db
    .prepare<unknown[], { name: string; wr: number }>(
      `SELECT name, wr FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .all()
  const tables = names.map(({ name, wr }) => readTable(db, name, wr === 1))
  const referenced = new Map(tables.map(({ name, key }) => [name.toLowerCase(), key]))
  return tables.map((table) => ({
    ...table,
    parents: table.parents.map((parent) =>
      // A reference that names no columns means the parent's key.
      parent.parentColumns.length > 0
        ? parent
        : { ...parent, parentColumns: referenced.get(parent.table.toLowerCase()) ?? [] },
    ),
  }))
}

export function hasTriggers(db: Database): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'trigger'`).get() !== undefined
}

function readTable(db: Database, name: string, withoutRowid: boolean): FileTable {
  const all = db
    .prepare<unknown[], ColumnRow>('SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)')
    .all(name)
  const declaredKey = all.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk)
  const parents = readParents(db, name)
  const [first] = declaredKey
  const isRowid =
    declaredKey.length === 1 && first?.type.toUpperCase() === 'INTEGER' && !withoutRowid
  const isChild = parents.some(({ columns }) => columns.includes(first?.name ?? ''))
  const key = declaredKey.length > 0 ? declaredKey.map((column) => column.name) : [rowidName(all)]
  return {
    name,
    columns: all
      .filter(({ hidden }) => hidden === 0)
      .map((column) => ({ name: column.name, declaredType: column.type })),
    key,
    generatedKey: declaredKey.length === 0 || (isRowid && !isChild),
    uniqueSets: [...(declaredKey.length > 0 ? [key] : []), ...readUniqueSets(db, name, all)],
    parents,
  }
}

/** https://www.sqlite.org/lang_createtable.html#rowid */
function rowidName(columns: readonly ColumnRow[]): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? 'rowid'
}

function readParents(db: Database, table: string): FileTable['parents'] {
  const rows = db
    .prepare<unknown[], { id: number; table: string; from: string; to: string | null }>(
      'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq',
    )
    .all(table)
  const ids = [...new Set(rows.map(({ id }) => id))]
  return ids.map((id) => {
    const own = rows.filter((row) => row.id === id)
    return {
      columns: own.map(({ from }) => from),
      table: own[0]?.table ?? '',
      parentColumns: own.flatMap(({ to }) => (to === null ? [] : [to])),
    }
  })
}

function readUniqueSets(db: Database, table: string, columns: readonly ColumnRow[]): string[][] {
  const indexes = db
    .prepare<unknown[], { name: string; origin: string }>(
      `SELECT name, origin FROM pragma_index_list(?) WHERE "unique" = 1 AND origin <> 'pk'`,
    )
    .all(table)
  return indexes.map(({ name }) => {
    const parts = db
      .prepare<unknown[], { name: string | null }>(
        'SELECT name FROM pragma_index_xinfo(?) WHERE key = 1',
      )
      .all(name)
    const named = parts.flatMap((part) => (part.name === null ? [] : [part.name]))
    if (named.length === parts.length) return named
    // An index on expressions: every column that its text mentions counts as a part.
    const text = db
      .prepare<unknown[], { sql: string }>(
        `SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?`,
      )
      .get(name)
      ?.sql.toLowerCase()
    return columns
      .map((column) => column.name)
      .filter((column) => text?.includes(column.toLowerCase()))
  })
}

/** A table's name and its columns, as both databases take them. */
export function keyCondition(table: FileTable): string {
  return table.key.map((name) => `${quote(name)} = ?`).join(' AND ')
}
