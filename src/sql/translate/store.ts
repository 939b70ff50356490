import type { Expr } from 'sqlite3-parser'
import type { RelationColumn } from '../catalog.ts'
import { plain, realLiteral, toDynamic, toReal, toText } from './convert.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { numberOfText } from './numeric-text.ts'
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
      return parameters.slot(parameter, postgresType, 'upgraded')
  }
}

/** Of a numeric column a double must hold an INTEGER as it is, where a REAL one rounds it. */
function useOf(affinity: RelationColumn['affinity']): 'value' | 'real' | 'numeric' {
  if (affinity === 'blob') return 'value'
  return affinity === 'real' ? 'real' : 'numeric'
}

/** Without TEXT affinity a column of texts would hold a number as a number, which PostgreSQL's cannot. */
function textFor(
  parameter: number,
  column: RelationColumn,
  offset: number,
  emitter: Emitter,
): string {
  const texts = column.affinity === 'blob' ? (['integral-text', 'numeric-text'] as const) : []
  const fits = emitter.parameters.isOneOf(parameter, ['null', 'text', ...texts])
  if (!fits) throw misfit(column, offset, emitter)
  return emitter.parameters.slot(parameter, 'text', 'value')
}

function misfit(column: RelationColumn, offset: number, emitter: Emitter): Error {
  return emitter.unsupported(
    `A value of this class in column "${column.name}", which is ${column.postgresType}`,
    offset,
    'Store what the column holds, or give it another type in the configuration',
  )
}

export function storeTyped(
  expression: TypedExpression,
  column: RelationColumn,
  offset: number,
  emitter: Emitter,
): string {
  const { postgresType } = column
  if (expression.type === 'upgraded' && expression.column?.postgresType === postgresType) {
    return expression.sql
  }
  const value = plain(expression)
  if (value.type === 'null') return `NULL::${postgresType}`
  const folded = foldedText(value, column)
  if (folded !== undefined) return folded
  const refused = (): Error => misfit(column, offset, emitter)
  switch (postgresType) {
    case 'bigint':
      if (value.type === 'integer') return value.sql
      if (value.type === 'blob' || lacksAffinity(column)) throw refused()
      return `sqlite.store_integer(${toDynamic(value)}, ${placeOf(column)})`
    case 'double precision':
      return real(value, column, refused)
    case 'numeric':
      if (value.type === 'integer' || value.type === 'numeric') return `(${value.sql})::numeric`
      if (value.type === 'blob' || lacksAffinity(column)) throw refused()
      return `sqlite.store_numeric(${toDynamic(value)}, ${placeOf(column)})`
    case 'text':
      return text(value, column, refused)
    case 'bytea':
      if (value.type === 'blob') return value.sql
      if (value.type !== 'dynamic') throw refused()
      return `sqlite.store_blob(${value.sql}, ${placeOf(column)})`
    case 'boolean':
      if (value.type === 'integer') return boolean(value, column, refused)
      throw refused()
    default:
      throw refused()
  }
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
    if (BigInt(Number(literal)) !== literal) throw refused()
    return realLiteral(Number(literal))
  }
  if (type === 'numeric' && value.column?.postgresType === 'double precision') return value.sql
  const sql = type === 'integer' ? value.sql : toDynamic(value)
  return `(sqlite.store_double(${sql}, ${placeOf(column)}) + 0)`
}

function text(value: TypedExpression, column: RelationColumn, refused: () => Error): string {
  if (value.type === 'text') return value.sql
  if (value.type === 'blob') throw refused()
  if (column.affinity === 'text') {
    return value.type === 'dynamic'
      ? `sqlite.store_text(${value.sql}, ${placeOf(column)})`
      : toText(value)
  }
  if (value.type === 'dynamic') return `sqlite.store_plain_text(${value.sql}, ${placeOf(column)})`
  throw refused()
}

function boolean(
  { sql, literal }: TypedExpression,
  column: RelationColumn,
  refused: () => Error,
): string {
  if (literal === undefined) return `sqlite.store_boolean(${sql}, ${placeOf(column)})`
  if (literal !== 0n && literal !== 1n) throw refused()
  return literal === 1n ? 'TRUE' : 'FALSE'
}

/** What a value that does not fit is said to be for; nothing for a rowid, of which SQLite says `datatype mismatch`. */
function placeOf({ table, name, isRowid }: RelationColumn): string {
  if (isRowid === true) return "''"
  return quoteText(table === undefined ? name : `${table}.${name}`)
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
  if (postgresType === 'double precision') return realLiteral(Number(number))
  return postgresType === 'numeric' ? `${quoteText(String(number))}::numeric` : undefined
}
