import type { CastExpr } from 'sqlite3-parser'
import type { Affinity } from '../../values/value.ts'
import { toInteger, toReal, toText } from './convert.ts'
import { asValue, typed, type TypedExpression } from './expression.ts'
import { keptSubtype } from './subtype.ts'

/** https://www.sqlite.org/lang_expr.html#castexpr */
export function cast(operand: TypedExpression, node: CastExpr): TypedExpression {
  const declared = node.typeName?.name ?? ''
  // Unlike a column, a CAST to no type is one to NUMERIC.
  const affinity = declared === '' ? 'numeric' : affinityOf(declared)
  const value = asValue(operand)
  const { constant, notNull, collation, collationFrom } = value
  const facts = { affinity, constant, notNull, collation, collationFrom }
  if (value.type === 'null') return typed('NULL', 'null', { ...facts, literal: null })
  switch (affinity) {
    case 'text':
      return typed(toText(value), 'text', { ...facts, ...keptSubtype(value) })
    case 'integer':
      return typed(toInteger(value), 'integer', facts)
    case 'real':
      return typed(toReal(value), 'real', facts)
    case 'numeric':
      return numeric(value, facts)
    case 'blob':
      return typed(bytes(value), 'blob', facts)
    default:
      return affinity satisfies never
  }
}

/** A number keeps its class; a text becomes an INTEGER where its number is integral. */
function numeric(value: TypedExpression, facts: Partial<TypedExpression>): TypedExpression {
  const { type, sql } = value
  const number = { ...facts, numbers: true } as const
  if (type === 'integer' || type === 'real' || type === 'numeric') return typed(sql, type, facts)
  if (type === 'blob') {
    return typed(`sqlite.text_numeric(sqlite.blob_digits(${sql}))`, 'dynamic', number)
  }
  if (type !== 'dynamic') return typed(`sqlite.text_numeric(${toText(value)})`, 'dynamic', number)
  return typed(`sqlite.cast_numeric(${sql})`, 'dynamic', number)
}

function bytes(value: TypedExpression): string {
  return value.type === 'blob' ? value.sql : `convert_to(${toText(value)}, 'UTF8')`
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export function affinityOf(declaredType: string): Affinity {
  const type = declaredType.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
}
