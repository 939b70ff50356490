import {
  allNotNull,
  asValue,
  isTextual,
  typed,
  type SqlType,
  type TypedExpression,
} from './expression.ts'
import { nativeOf } from './native.ts'

/** As `sqlite3_value_text`: a number in its canonical text, the bytes of a blob as UTF-8. */
export function toText(expression: TypedExpression): string {
  const { sql, type } = asValue(expression)
  switch (type) {
    case 'integer':
      return `(${sql})::text`
    case 'real':
      return `sqlite.real_text(${sql})`
    case 'numeric':
      return `sqlite.numeric_text(${sql})`
    case 'blob':
      return `sqlite.blob_text(${sql})`
    case 'dynamic':
      return `sqlite.dynamic_text(${sql})`
    case 'null':
      return `${sql}::text`
    default:
      return sql
  }
}

/** As `CAST(x AS INTEGER)`. */
export function toInteger(expression: TypedExpression): string {
  const { sql, type } = asValue(expression)
  switch (type) {
    case 'real':
    case 'numeric':
      return `sqlite.real_integer(${sql}::float8)`
    case 'text':
      return `sqlite.text_integer(${sql})`
    case 'blob':
      return `sqlite.text_integer(sqlite.blob_digits(${sql}))`
    case 'dynamic':
      return `sqlite.dynamic_integer(${sql})`
    case 'null':
      return `${sql}::bigint`
    default:
      return sql
  }
}

/** As `CAST(x AS REAL)`. */
export function toReal(expression: TypedExpression): string {
  const { sql, type, literal } = asValue(expression)
  switch (type) {
    case 'integer':
      return typeof literal === 'bigint' ? realLiteral(Number(literal)) : `(${sql})::float8`
    case 'numeric':
      return `(${sql})::float8`
    case 'text':
      return `sqlite.text_real(${sql})`
    case 'blob':
      return `sqlite.text_real(sqlite.blob_digits(${sql}))`
    case 'dynamic':
      return `sqlite.dynamic_real(${sql})`
    case 'null':
      return `${sql}::float8`
    default:
      return sql
  }
}

/** json that carries the class. */
export function toDynamic(expression: TypedExpression): string {
  const { sql, type } = asValue(expression)
  if (type === 'dynamic') return sql
  if (type === 'null') return `${sql}::json`
  if (type === 'text' && !isTextual(expression)) return `sqlite.apply_numeric(${sql})`
  return type === 'numeric' ? `sqlite.dynamic_numeric(${sql})` : `sqlite.dynamic(${sql})`
}

/** As WHERE takes it: a number other than zero; a text by the number that it begins with. */
export function toCondition(expression: TypedExpression): string {
  const { sql, type } = expression
  if (type === 'boolean') return sql
  const native = nativeOf(expression)
  if (native?.type === 'boolean') return native.sql
  switch (type) {
    case 'integer':
    case 'real':
    case 'numeric':
      return `(${sql} <> 0)`
    case 'dynamic':
      return `sqlite.dynamic_truth(${sql})`
    case 'null':
      return `${sql}::boolean`
    default:
      return `(${toReal(expression)} <> 0)`
  }
}

/** A double as PostgreSQL reads it, to the last bit. */
export function realLiteral(value: number): string {
  if (!Number.isFinite(value)) return `'${value > 0 ? '' : '-'}Infinity'::float8`
  return `'${Object.is(value, -0) ? '-0' : String(value)}'::float8`
}

/** How each SQL type is written in a cast. */
export const castNames: Readonly<Record<SqlType, string>> = {
  integer: 'bigint',
  real: 'float8',
  numeric: 'float8',
  text: 'text',
  blob: 'bytea',
  boolean: 'boolean',
  dynamic: 'json',
  null: 'text',
}

export interface Unified {
  readonly type: SqlType
  readonly sql: readonly string[]
}

/** Several expressions made one type: the one that they share, else `dynamic`. NULLs go with the others. */
export function unify(expressions: readonly TypedExpression[]): Unified {
  const values = expressions.map(asValue)
  const types = new Set(values.map(({ type }) => type))
  types.delete('null')
  const type = unifiedType(values, types)
  return { type, sql: values.map((value) => unifiedSql(value, type)) }
}

/** The type of a column that several SELECTs give. Small integers are no doubles here, as the SELECTs' text is not changed. */
export function columnType(expressions: readonly TypedExpression[]): SqlType {
  const { type } = unify(expressions.map((each) => ({ ...each, literal: undefined })))
  const known = expressions.filter((each) => each.type !== 'null')
  return type === 'text' && new Set(known.map(isTextual)).size > 1 ? 'dynamic' : type
}

function unifiedType(values: readonly TypedExpression[], types: ReadonlySet<SqlType>): SqlType {
  if (types.size === 0) return 'null'
  const [only] = types
  if (types.size === 1 && only !== undefined) return only
  // An integer is an integer in a numeric column too, as long as a double holds it.
  const small = values.every(
    ({ type, literal }) => type !== 'integer' || (typeof literal === 'bigint' && isSmall(literal)),
  )
  if (types.size === 2 && types.has('integer') && types.has('numeric') && small) return 'numeric'
  return 'dynamic'
}

function isSmall(value: bigint): boolean {
  return value >= -9_007_199_254_740_992n && value <= 9_007_199_254_740_992n
}

function unifiedSql(value: TypedExpression, type: SqlType): string {
  if (type === 'dynamic') return toDynamic(value)
  if (value.type !== 'null') return value.sql
  return type === 'numeric' ? 'NULL' : `NULL::${castNames[type]}`
}

/** The expressions as one, for what gives one of them (`coalesce`, CASE). */
export function unified(
  expressions: readonly TypedExpression[],
  build: (sql: readonly string[]) => string,
): TypedExpression {
  const { type, sql } = unify(expressions)
  return typed(build(sql), type, { notNull: allNotNull(expressions) })
}
