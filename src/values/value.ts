/**
 * A value as SQLite holds it. Inside Lockstep the JavaScript type carries SQLite's storage class:
 * `bigint` is INTEGER, `number` is REAL, `string` is TEXT, `Buffer` is BLOB. (better-sqlite3 reads and
 * binds exactly so with `safeIntegers`.) At the public edge integers may be numbers as well.
 * https://www.sqlite.org/datatype3.html
 */
export type Value = null | bigint | number | string | Buffer

/** A row's values in the order of `shippedColumns`; a key's values in the order of `Key.columns`. */
export type Row = readonly Value[]
export type KeyValues = readonly Value[]

/** The column types that Lockstep creates on PostgreSQL. */
export type PostgresType = 'bigint' | 'double precision' | 'numeric' | 'text' | 'bytea'

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export type Affinity = 'integer' | 'real' | 'numeric' | 'text' | 'blob'
