import type { InvalidText } from './invalid-text.ts'

/**
 * A value as SQLite holds it. Inside Lockstep the JavaScript type carries SQLite's storage class:
 * `bigint` is INTEGER, `number` is REAL, `string` is TEXT, `Buffer` is BLOB. (better-sqlite3 reads and
 * binds exactly so with `safeIntegers`.) At the public edge integers may be numbers as well.
 * A TEXT that is not UTF-8 is `InvalidText` where its bytes have been looked at: in keys, which name a row by them.
 * https://www.sqlite.org/datatype3.html
 */
export type Value = null | bigint | number | string | Buffer | InvalidText

/** A row's values in the order of `shippedColumns`; a key's values in the order of `Key.columns`. */
export type Row = readonly Value[]
export type KeyValues = readonly Value[]

/** The types that Lockstep chooses by itself: they hold every value of a class. */
export type FaithfulType = 'bigint' | 'double precision' | 'numeric' | 'text' | 'bytea'

/** The column types that Lockstep creates on PostgreSQL, each with the form that its values have on SQLite. */
export type PostgresType = FaithfulType | UpgradedType

/**
 * The types that only a configuration chooses: they hold the values of one form, and no other. A timestamptz says
 * in parentheses which form that is; see values/upgraded-codec.ts.
 */
export type UpgradedType =
  | 'boolean'
  | 'date'
  | 'uuid'
  | 'json'
  | 'jsonb'
  | TimestampType
  | `numeric(${number},${number})`

export type TimestampType =
  | 'timestamptz'
  | 'timestamptz(iso)'
  | 'timestamptz(seconds)'
  | 'timestamptz(milliseconds)'

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export type Affinity = 'integer' | 'real' | 'numeric' | 'text' | 'blob'
