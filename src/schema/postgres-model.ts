/**
 * A table as PostgreSQL's catalogs describe it. Expressions are in PostgreSQL's own words, which are not those of the
 * DDL that made them: two tables are compared where both have been read from catalogs.
 */
export interface PostgresTable {
  readonly name: string
  readonly columns: readonly PostgresColumn[]
  readonly primaryKey: PostgresKey | null
  /** Without the one of the primary key. */
  readonly indexes: readonly PostgresIndex[]
  readonly foreignKeys: readonly PostgresForeignKey[]
  /** Names of CHECK and EXCLUDE constraints. */
  readonly checks: readonly string[]
  /** Without Lockstep's own. */
  readonly triggers: readonly PostgresTrigger[]
}

export interface PostgresKey {
  readonly name: string
  readonly columns: readonly string[]
  /** Of its index. */
  readonly valid: boolean
}

export interface PostgresColumn {
  readonly name: string
  /** With the figures of the type, such as `numeric(10,2)`. */
  readonly type: string
  /** Null where it is the one of the type. */
  readonly collation: string | null
  readonly notNull: boolean
  /** Null where it is none. One that is always generated takes no key from outside. */
  readonly identity: 'always' | 'by default' | null
  readonly generated: boolean
  /** Of the default, or of a generated column. */
  readonly expression: string | null
}

export interface PostgresIndex {
  readonly name: string
  readonly method: string
  readonly unique: boolean
  readonly valid: boolean
  readonly parts: readonly PostgresIndexPart[]
  readonly where: string | null
}

export interface PostgresIndexPart {
  /** A column, or an expression. */
  readonly expression: string
  readonly descending: boolean
  readonly nullsFirst: boolean
  readonly collation: string | null
  readonly operators: string
}

/** The actions are the letters of `pg_constraint`. https://www.postgresql.org/docs/current/catalog-pg-constraint.html */
export interface PostgresForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
  readonly onUpdate: string
  readonly onDelete: string
  readonly deferred: boolean
}

export interface PostgresTrigger {
  readonly name: string
  /** Time, event and level as bits of `pg_trigger.tgtype`. */
  readonly type: number
  /** Of UPDATE OF. */
  readonly columns: readonly string[]
  /** Its function was carried over from SQLite. */
  readonly carried: boolean
  /** The text of its function. */
  readonly body: string
}

/** A view as PostgreSQL's catalogs describe it. */
export interface PostgresView {
  readonly name: string
  /** SQLite's CREATE VIEW that Lockstep has made it of; null where somebody else has made it, or it is no view. */
  readonly source: string | null
  /** The hash of the text that made it; null as the source. */
  readonly form: string | null
  /** Nobody has changed it since. */
  readonly intact: boolean
}
