import type { Expr } from 'sqlite3-parser'
import { isNumericAffinity } from '../../values/affinity.ts'
import { codecFor, isExactDouble } from '../../values/codec.ts'
import { isUpgraded, serverType } from '../../values/postgres-type.ts'
import type { PostgresType } from '../../values/value.ts'
import type { RelationColumn } from '../catalog.ts'
import type { ParameterClass } from '../translation.ts'
import { realLiteral, toDynamic, toReal, toText } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { asValue, isTextual, typed, type TypedExpression } from './expression.ts'
import { slotType } from './native.ts'
import { numberOfText } from './numeric-text.ts'
import { isStrict, misfit, placeOf } from './store-place.ts'
import { storeUpgraded } from './store-upgraded.ts'
import { quoteText } from '../quote.ts'
import type { Scope } from './scope.ts'

/** The text of a value for a column; see `Emitter.store`. */
export function store(node: Expr, column: RelationColumn, scope: Scope, emitter: Emitter): string {
  const parameter = emitter.parameterOf(node)
  if (parameter !== undefined) return parameterFor(parameter, column, node.span.offset, emitter)
  return storeTyped(emitter.expression(node, scope), column, node.span.offset, emitter)
}

function parameterFor(
  parameter: number,
  column: RelationColumn,
  offset: number,
  emitter: Emitter,
): string {
  const { parameters } = emitter
  const { affinity, postgresType } = column
  const wrong = isStrict(column) ? strictlyWrong[postgresType] : undefined
  if (wrong !== undefined && parameters.isOneOf(parameter, wrong)) {
    const value = typed(parameters.slot(parameter, 'json', 'value'), 'dynamic')
    return storeTyped(value, column, offset, emitter)
  }
  switch (postgresType) {
    case 'bigint':
      return parameters.slot(parameter, 'bigint', affinity === 'blob' ? 'value' : 'integer')
    case 'double precision':
      return parameters.slot(parameter, 'float8', useOf(affinity))
    case 'numeric':
      return parameters.slot(parameter, 'numeric', affinity === 'blob' ? 'value' : 'numeric')
    case 'bytea':
      if (parameters.isOneOf(parameter, ['null', 'blob'])) {
        return parameters.slot(parameter, 'bytea', 'value')
      }
      throw misfit(column, offset, emitter)
    case 'text':
      if (parameters.isOneOf(parameter, ['blob'])) throw misfit(column, offset, emitter)
      if (affinity === 'text') return parameters.slot(parameter, 'text', 'text')
      return textFor(parameter, column, offset, emitter)
    default:
      return parameters.slot(parameter, slotType(postgresType), 'stored', {
        type: postgresType,
        affinity,
      })
  }
}

/** The classes of values that a STRICT table does not take, which is an error of each row. */
const strictlyWrong: Partial<Record<PostgresType, readonly ParameterClass[]>> = {
  bigint: ['real', 'numeric-text', 'text', 'blob'],
  'double precision': ['text', 'blob'],
  text: ['blob'],
  bytea: ['integer', 'integral-real', 'real', 'integral-text', 'numeric-text', 'text'],
}

/** Of a numeric column a double must hold an INTEGER as it is, where a REAL one rounds it. */
function useOf(affinity: RelationColumn['affinity']): 'value' | 'real' | 'numeric' {
  if (affinity === 'blob') return 'value'
  return affinity === 'real' ? 'real' : 'numeric'
}

/**
 * Without TEXT affinity a column keeps a number as a number: where it has a numeric one, the text that
 * PostgreSQL's holds for it is that of `codecFor`, and gives the number back.
 */
function textFor(
  parameter: number,
  column: RelationColumn,
  offset: number,
  emitter: Emitter,
): string {
  const { affinity } = column
  if (isNumericAffinity(affinity)) return emitter.parameters.slot(parameter, 'text', affinity)
  const texts = ['null', 'text', 'integral-text', 'numeric-text'] as const
  if (!emitter.parameters.isOneOf(parameter, texts)) throw misfit(column, offset, emitter)
  return emitter.parameters.slot(parameter, 'text', 'value')
}

export function storeTyped(
  expression: TypedExpression,
  column: RelationColumn,
  offset: number,
  emitter: Emitter,
): string {
  const { postgresType } = column
  const value = strictly(asValue(expression), column)
  if (value.type === 'null') return `NULL::${serverType(postgresType)}`
  if (isUpgraded(postgresType)) return storeUpgraded(value, column, postgresType, offset, emitter)
  const folded = foldedText(value, column)
  if (folded !== undefined) return folded
  const refused = (): Error => misfit(column, offset, emitter)
  switch (postgresType) {
    case 'bigint':
      if (value.type === 'integer') return value.sql
      if (value.type === 'blob' || lacksAffinity(column)) throw refused()
      return `sqlite.store_integer(${value.type === 'real' ? value.sql : toDynamic(value)}, ${placeOf(column)})`
    case 'double precision':
      return real(value, column, refused)
    case 'numeric':
      if (value.type === 'integer') return `(${value.sql})::numeric`
      if (value.type === 'blob' || (value.type === 'text' && lacksAffinity(column))) throw refused()
      return `sqlite.${lacksAffinity(column) ? 'store_scaled' : 'store_numeric'}(${toDynamic(value)}, ${placeOf(column)})`
    case 'text':
      return text(value, column, refused)
    case 'bytea':
      if (value.type === 'blob') return value.sql
      if (value.type !== 'dynamic') throw refused()
      return `sqlite.store_blob(${value.sql}, ${placeOf(column)})`
    default:
      return postgresType satisfies never
  }
}

/** A class that a STRICT table does not take fails where the row is written, as on SQLite. */
function strictly(value: TypedExpression, column: RelationColumn): TypedExpression {
  if (!isStrict(column) || value.type === 'null') return value
  const isFit = (value.type === 'blob') === (column.postgresType === 'bytea')
  return isFit ? value : typed(toDynamic(value), 'dynamic')
}

function real(value: TypedExpression, column: RelationColumn, refused: () => Error): string {
  const { type, literal } = value
  // A REAL column of SQLite keeps integral values as integers, so that zero has no sign.
  if (typeof literal === 'number') return realLiteral(literal + 0)
  if (type === 'real') return value.column === null ? `(${value.sql} + 0)` : value.sql
  if (type === 'blob' || lacksAffinity(column)) throw refused()
  if (column.affinity !== 'real') return numeric(value, column, refused)
  if (typeof literal === 'bigint') return realLiteral(Number(literal))
  if (type === 'integer' || type === 'numeric') return toReal(value)
  return `(sqlite.store_real(${toDynamic(value)}, ${placeOf(column)}) + 0)`
}

/** A double in a column of a numeric affinity, which keeps an INTEGER as long as a double is one. */
function numeric(value: TypedExpression, column: RelationColumn, refused: () => Error): string {
  const { type, literal } = value
  if (typeof literal === 'bigint') {
    if (!isExactDouble(literal)) throw refused()
    return realLiteral(Number(literal))
  }
  if (type === 'numeric' && value.column?.postgresType === 'double precision') return value.sql
  const sql = type === 'integer' ? value.sql : toDynamic(value)
  return `(sqlite.store_double(${sql}, ${placeOf(column)}) + 0)`
}

function text(value: TypedExpression, column: RelationColumn, refused: () => Error): string {
  const { affinity } = column
  const place = placeOf(column)
  const isText = value.type === 'text'
  if (value.type === 'blob') throw refused()
  if (affinity === 'text') {
    return value.type === 'dynamic' ? `sqlite.store_text(${value.sql}, ${place})` : toText(value)
  }
  if (lacksAffinity(column)) {
    if (value.type === 'dynamic') return `sqlite.store_plain_text(${value.sql}, ${place})`
    if (isText) return value.sql
    throw refused()
  }
  // What another such column holds is as it is here.
  if (isText && !isTextual(value)) return value.sql
  if (value.type === 'integer') return `(${value.sql})::text`
  const number = typeof value.literal === 'number' ? numberInText(value.literal, column) : undefined
  if (number !== undefined) return number
  if ((!isText && value.type !== 'dynamic') || affinity === 'real') throw refused()
  return `sqlite.store_numeric_text(${value.sql}, ${place})`
}

/** A number as a text column of a numeric affinity holds it. */
function numberInText(number: bigint | number, { affinity }: RelationColumn): string | undefined {
  const encoded = codecFor({ affinity, postgresType: 'text' }).encode(number)
  return typeof encoded === 'string' ? quoteText(encoded) : undefined
}

/** A column without an affinity keeps the class, so that an unlike one does not fit. */
function lacksAffinity({ affinity }: RelationColumn): boolean {
  return affinity === 'blob'
}

/** The text of a number becomes the number where it is a literal. */
function foldedText({ literal }: TypedExpression, column: RelationColumn): string | undefined {
  const { affinity, postgresType } = column
  if (typeof literal !== 'string' || affinity === 'blob' || affinity === 'text') return undefined
  const number = numberOfText(literal)
  if (number === undefined) return undefined
  if (postgresType === 'bigint')
    return typeof number === 'bigint' ? `'${number}'::bigint` : undefined
  if (postgresType === 'double precision') {
    const isKept = affinity === 'real' || typeof number === 'number' || isExactDouble(number)
    return isKept ? realLiteral(Number(number)) : undefined
  }
  if (postgresType === 'text')
    return numberInText(affinity === 'real' ? Number(number) : number, column)
  return postgresType === 'numeric' ? `${quoteText(String(number))}::numeric` : undefined
}
