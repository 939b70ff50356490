import type { Affinity, PostgresType } from '../values/value.ts'

/**
 * What the translator must know of the schema: SQLite's declarations, which PostgreSQL's types alone do
 * not tell, and what stands for them on PostgreSQL. Names are looked up as SQLite does, without regard to
 * the case of ASCII letters, also where they are quoted.
 */
export interface Catalog {
  /** Raised by every change of the schema; a translation is good for one version. */
  readonly version: number
  readonly relations: readonly Relation[]
  relation(name: string): Relation | undefined
  /** PostgreSQL's schema that names of tables are written with; absent where the connection's search_path finds them. */
  readonly postgresSchema?: string
  /** SQLite's virtual tables, which PostgreSQL has not, by folded name. */
  readonly virtualTables?: ReadonlyMap<string, VirtualTable>
  /** The rows of SQLite's own `sqlite_schema`, which statements may read; refused where it is absent. */
  readonly schemaRows?: readonly SchemaRow[]
  /** What a PRAGMA that describes one table or index answers of all of them; undefined for others. */
  readonly pragmaRows?: (name: string) => readonly PragmaRow[] | undefined
}

export interface VirtualTable {
  /** In small letters: fts5, rtree. */
  readonly module: string
  /** An index of FTS5 without the texts that it is of, so that it cannot be made anew. */
  readonly isContentless: boolean
}

/** https://www.sqlite.org/schematab.html */
export interface SchemaRow {
  readonly type: string
  readonly name: string
  readonly tblName: string
  readonly rootpage: number
  readonly sql: string | null
}

/** A row of a table-valued PRAGMA, in the order of its columns. */
export interface PragmaRow {
  /** The folded name of the table or index that the PRAGMA was asked of. */
  readonly of: string
  readonly values: readonly (string | number | null)[]
}

export interface Relation {
  readonly kind: 'table' | 'view'
  /** As declared on SQLite. */
  readonly name: string
  /** On PostgreSQL, not quoted. */
  readonly postgresName: string
  readonly columns: readonly RelationColumn[]
  /**
   * What SQLite's `rowid`, `oid` and `_rowid_` mean: the INTEGER PRIMARY KEY, or a column that only
   * PostgreSQL has (`hidden`), which `*` must not show. Null where there is none.
   */
  readonly rowid: { readonly column: string; readonly hidden: boolean } | null
  /** Never gives a key twice (`AUTOINCREMENT`). */
  readonly autoincrement: boolean
  /** Primary key first. */
  readonly uniqueKeys: readonly UniqueKey[]
  /** Those of constraints included; absent where they are not known. */
  readonly indexes?: readonly RelationIndex[]
  /** Foreign keys of other tables point here, so that a deleted row may take others with it. */
  readonly isReferenced: boolean
  /** Rows of others forbid that one of the table goes, none of its own go with it, and one that comes back may go. */
  readonly isHeld: boolean
  /** Set while the application has switched foreign keys off; absent where they are followed as PostgreSQL does. */
  readonly unfollowed?: UnfollowedKeys
  /**
   * The table that is not there and that such a change would have to look for a parent in, by a foreign key of this table or of
   * one that triggers and foreign keys come to from it; null where there is none. Absent where that is not known.
   */
  readonly absentParent?: (change: PreparedChange) => string | null
  /** The tables, by folded names, to which keys lead from a row of this one: its own where they come back. */
  readonly reaches: ReadonlySet<string>
  /**
   * The keys of the table that refer to itself with ON DELETE CASCADE, so that a deleted row takes others of
   * the same table with it; null where a deletion comes back to the table by way of others.
   */
  readonly selfCascades: readonly SelfCascade[] | null
  /**
   * The keys of the table that refer to itself with ON DELETE SET NULL or SET DEFAULT, and whether triggers of the table see what
   * they set in rows that are deleted themselves. Absent where there is none.
   */
  readonly selfSets?: { readonly keys: readonly SelfCascade[]; readonly watched: boolean }
  /** A row of the table may forbid by ON DELETE RESTRICT that another one goes. */
  readonly selfRestricts?: boolean
  /** The columns, folded, whose change other rows of the same table forbid, or follow by ON UPDATE CASCADE and its like. */
  readonly followedColumns: ReadonlySet<string>
  /** The application's own triggers exist, so that a deleted row may cause more than its absence. */
  readonly hasTriggers: boolean
  /** The events that have BEFORE triggers, which run for rows that a statement then leaves out. */
  readonly before?: ReadonlySet<'INSERT' | 'UPDATE' | 'DELETE'>
  /** A trigger says OR IGNORE and the like, where SQLite puts the policy of the statement that fires it. */
  readonly triggerPolicies?: boolean
  /** A trigger does the same only where the statement changes one row; it counts those that come to it. */
  readonly rowByRow?: boolean
  /** Declared WITHOUT ROWID, so that an INSERT leaves `last_insert_rowid()` as it is. */
  readonly withoutRowid?: boolean
  /** SQLite's texts of the CHECK constraints, or null where they are not known. */
  readonly checks: readonly string[] | null
  /** What SQLite calls each of them where it fails. */
  readonly checkNames: readonly string[]
  /** A constraint has an ON CONFLICT clause of its own (`UNIQUE ON CONFLICT IGNORE`), or might have one. */
  readonly hasConflictClauses: boolean
}

/** The columns of the child and those of its parent that they equal, in the same order. */
export interface SelfCascade {
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
}

/** PostgreSQL follows foreign keys whatever SQLite's connection has set. */
export interface UnfollowedKeys {
  /** The columns that foreign keys refer to, folded. */
  readonly columns: ReadonlySet<string>
  /** A trigger may write what foreign keys refer to. */
  readonly byTriggers: boolean
}

export interface PreparedChange {
  /** REPLACE is what it deletes: it fires no triggers. */
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE' | 'REPLACE'
  /** Folded names of those that an UPDATE sets; null for all. */
  readonly columns: ReadonlySet<string> | null
}

export interface RelationIndex {
  /** On SQLite. */
  readonly name: string
  readonly partial: boolean
  /** Of the declared key: in a WITHOUT ROWID table this is the table. */
  readonly isPrimary?: boolean
  /** In the order of the index; the column is null for an expression, the collation in capitals. */
  readonly parts: readonly { readonly column: string | null; readonly collation: string }[]
}

export interface RelationColumn {
  readonly name: string
  readonly postgresName: string
  readonly declaredType: string
  readonly affinity: Affinity
  readonly postgresType: PostgresType
  /** No row has a NULL there. */
  readonly notNull: boolean
  /** SQLite refuses a NULL there; it takes one in the key of an ordinary table. */
  readonly refusesNull: boolean
  /** In capitals. */
  readonly collation: string
  readonly generated: boolean
  /** PostgreSQL computes the generated column as well; else it is a plain one there. */
  readonly computed?: boolean
  readonly hasDefault: boolean
  /** SQLite's text of the DEFAULT clause, or null. */
  readonly defaultSql: string | null
  /** Its table, for messages. */
  readonly table?: string
  /** It is the rowid: an INTEGER PRIMARY KEY, or a hidden one. */
  readonly isRowid?: boolean
  /** Its type as the errors of a STRICT table call it. https://www.sqlite.org/stricttables.html */
  readonly strictType?: string
}

export interface UniqueKey {
  readonly parts: readonly {
    readonly column: string | null
    /** SQLite's text where the part is no column. */
    readonly expression: string | null
    readonly collation: string
    /** Sorted from the largest on. */
    readonly descending?: boolean
  }[]
  /** SQLite's text of a partial index's condition, or null. */
  readonly where: string | null
  readonly isPrimary: boolean
}
