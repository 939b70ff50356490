import type { Affinity, PostgresType } from '../values/value.ts'

/** The part of an SQLite schema that Lockstep mirrors, and how each column maps to PostgreSQL. */
export interface Schema {
  readonly tables: readonly Table[]
}

export interface Table {
  /** The number that stands for the table in the journal; given at install and kept for good. */
  readonly id: number
  readonly name: string
  /** In order of declaration; generated columns included. */
  readonly columns: readonly Column[]
  readonly key: Key
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly ForeignKey[]
  /** In the order in which they were made. */
  readonly triggers: readonly Trigger[]
  readonly withoutRowid: boolean
  /** Declared STRICT, so that a column takes the values of its type alone. */
  readonly strict?: boolean
  /** The key never repeats a value (`AUTOINCREMENT`). */
  readonly autoincrement: boolean
  /** The texts of the CHECK constraints; absent where they are not known. */
  readonly checks?: readonly string[]
  /** What SQLite calls each of them where it fails; their texts where it is absent. */
  readonly checkNames?: readonly string[]
  /** A constraint has an ON CONFLICT clause of its own; absent where it is not known. */
  readonly conflictClauses?: boolean
}

export interface Column {
  readonly name: string
  readonly declaredType: string
  readonly affinity: Affinity
  readonly postgresType: PostgresType
  readonly notNull: boolean
  /** The text of the DEFAULT clause as SQLite keeps it, or null. */
  readonly defaultSql: string | null
  /** SQLite computes it. */
  readonly generated: boolean
  /** The text of a generated column's expression; absent where it is not known. */
  readonly generatedSql?: string
  /** PostgreSQL computes it as well. Absent where the generated column is a plain one there. */
  readonly computed?: true
  /** The declared collation in capitals; absent where it is BINARY. */
  readonly collation?: string
}

/**
 * What names a row in the journal.
 * - `integer`: an INTEGER PRIMARY KEY, the rowid itself.
 * - `declared`: the declared PRIMARY KEY, of any types and number of columns.
 * - `rowid`: a table without a declared key, or with one that holds NULL by its nature. `columns` holds the one alias that reaches the rowid
 *   (`rowid`, `_rowid_` or `oid`); on PostgreSQL it is a real column of that name.
 */
export interface Key {
  readonly kind: 'integer' | 'declared' | 'rowid'
  readonly columns: readonly string[]
}

export interface Index {
  readonly name: string
  readonly unique: boolean
  /** `pk` and `u` are made by constraints, `c` by CREATE INDEX. https://www.sqlite.org/pragma.html#pragma_index_list */
  readonly origin: 'pk' | 'u' | 'c'
  readonly parts: readonly IndexPart[]
  /** The text of the WHERE clause of a partial index, or null. */
  readonly where: string | null
}

/** Either a column or the text of an expression. */
export interface IndexPart {
  readonly column: string | null
  readonly expression: string | null
  readonly descending: boolean
  readonly collation: string
}

export interface ForeignKey {
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
  readonly onUpdate: string
  readonly onDelete: string
  readonly deferred: boolean
}

export interface Trigger {
  readonly name: string
  /** The exact text in sqlite_schema. */
  readonly sql: string
  /** The full-text tables of SQLite that it names, folded; absent where there is none. PostgreSQL has none of them. */
  readonly fullText?: readonly string[]
}

/** Something in the schema or the data that an operator should know or decide. */
export interface Finding {
  readonly level: 'info' | 'warning' | 'decision'
  readonly code: string
  readonly table: string | null
  readonly column: string | null
  /** How many rows it is about; 0 where it is about the schema. */
  readonly rows: number
  /** The keys of the first of these rows, as quarantine names them; not all where there are many. */
  readonly keys: readonly string[]
  readonly message: string
}

/** The columns that both places have: the rowid of a keyless table first, then every column. */
export function shippedColumns(table: Table): readonly ShippedColumn[] {
  const own = table.columns.map(
    ({ name, affinity, postgresType, generated, computed = false }) => ({
      name,
      affinity,
      postgresType,
      generated,
      computed,
    }),
  )
  if (table.key.kind !== 'rowid') return own
  const rowid: ShippedColumn = {
    name: table.key.columns[0] as string,
    affinity: 'integer',
    postgresType: 'bigint',
    generated: false,
    computed: false,
  }
  return [rowid, ...own]
}

export interface ShippedColumn {
  readonly name: string
  readonly affinity: Affinity
  readonly postgresType: PostgresType
  readonly generated: boolean
  /** PostgreSQL takes no value for it. */
  readonly computed: boolean
}

/** The positions, among the shipped columns, of those that PostgreSQL takes values for. */
export function writtenPositions(table: Table): readonly number[] {
  return shippedColumns(table).flatMap(({ computed }, position) => (computed ? [] : position))
}

/** The positions of the key's columns among the shipped columns. */
export function keyPositions(table: Table): readonly number[] {
  const names = shippedColumns(table).map((column) => column.name)
  return table.key.columns.map((name) => names.indexOf(name))
}
