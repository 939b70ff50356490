import { isUpgraded } from '../../values/postgres-type.ts'
import type { Affinity, PostgresType, UpgradedType } from '../../values/value.ts'
import type { RelationColumn } from '../catalog.ts'
import type { SlotType } from '../translation.ts'
import { typed, type SqlType, type TypedExpression } from './expression.ts'

/** A type whose values SQLite has in another form: an idiomatic one, or numbers that bear their class. */
export type NativeType = UpgradedType | 'numeric'

/** PostgreSQL's own value behind an expression that is a column of such a type. */
export interface Native {
  readonly sql: string
  readonly type: NativeType
  readonly column: RelationColumn
  /** The text of the expression for which this holds; what is made of it has another. */
  readonly of: string
}

/**
 * A column of such a type as the value that SQLite has in its place: 0 and 1 for a boolean, the text of a moment,
 * the very text of json. All that is not known to be the same on PostgreSQL's own value works on this.
 */
export function asSqlite(
  sql: string,
  column: RelationColumn,
  facts: Partial<Omit<TypedExpression, 'sql' | 'type'>>,
): TypedExpression | undefined {
  const { postgresType, affinity } = column
  if (!isNative(postgresType)) return undefined
  const type = sqliteType(postgresType, affinity)
  const text = sqliteSql(sql, postgresType, affinity)
  const native = { sql, type: postgresType, column, of: text }
  const numbers = type === 'dynamic' ? ({ numbers: true } as const) : {}
  return typed(text, type, { ...facts, ...numbers, native })
}

function isNative(type: PostgresType): type is NativeType {
  return type === 'numeric' || isUpgraded(type)
}

export function isNumeric(type: NativeType): type is 'numeric' | `numeric(${number},${number})` {
  return type.startsWith('numeric')
}

/** The type of a parameter that is for a column of the type. */
export function slotType(type: NativeType): SlotType {
  if (type.startsWith('timestamptz')) return 'timestamptz'
  return isNumeric(type) ? 'numeric' : (type as SlotType)
}

/** PostgreSQL's own value, where the expression still is the column itself. */
export function nativeOf({ native, sql }: TypedExpression): Native | undefined {
  return native?.of === sql ? native : undefined
}

function sqliteType(type: NativeType, affinity: Affinity): SqlType {
  switch (type) {
    case 'numeric':
      return 'dynamic'
    case 'boolean':
    case 'timestamptz(seconds)':
    case 'timestamptz(milliseconds)':
      return 'integer'
    case 'date':
    case 'timestamptz':
    case 'timestamptz(iso)':
    case 'uuid':
    case 'json':
    case 'jsonb':
      return 'text'
    default:
      return affinity === 'real' ? 'real' : 'numeric'
  }
}

/** The value that the codec gives, as an expression; see values/upgraded-codec.ts and values/codec.ts. */
export function sqliteSql(sql: string, type: NativeType, affinity: Affinity): string {
  switch (type) {
    case 'numeric':
      return affinity === 'blob'
        ? `sqlite.dynamic_scaled(${sql})`
        : `sqlite.dynamic_numeric(${sql})`
    case 'boolean':
      return `(${sql})::int::bigint`
    case 'date':
      return `(sqlite.day_text(${sql}) COLLATE "C")`
    case 'timestamptz':
      return `(sqlite.moment_plain(${sql}) COLLATE "C")`
    case 'timestamptz(iso)':
      return `(sqlite.moment_iso(${sql}) COLLATE "C")`
    case 'timestamptz(seconds)':
      return `(extract(epoch FROM (${sql}) AT TIME ZONE 'UTC'))::bigint`
    case 'timestamptz(milliseconds)':
      return `(extract(epoch FROM (${sql}) AT TIME ZONE 'UTC') * 1000)::bigint`
    case 'uuid':
    case 'json':
      return `((${sql})::text COLLATE "C")`
    case 'jsonb':
      return `(sqlite.json_minify((${sql})::text) COLLATE "C")`
    default:
      return `(${sql})::float8`
  }
}

/** Equal on PostgreSQL exactly where the values are equal on SQLite. */
export function isEqualAlike({ type }: Native): boolean {
  return type !== 'json'
}

/** Equal on PostgreSQL only where the values are the same on SQLite, which 1 and 1.0 are not. */
export function isSameWhereEqual(native: Native): boolean {
  return native.type !== 'numeric' && isEqualAlike(native)
}

/** Sorted on PostgreSQL as the values are on SQLite, in any collation: their texts all have one form. */
export function isSortedAlike({ type }: Native): boolean {
  return type !== 'json' && type !== 'jsonb'
}
