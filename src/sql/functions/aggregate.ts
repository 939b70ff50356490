import { isSameWhereEqual, isSortedAlike, nativeOf, sqliteSql } from '../translate/native.ts'
import { numbersOf, typed, type TypedExpression } from '../translate/expression.ts'
import { doubtfulSubtype } from '../translate/subtype.ts'
import { quoteText } from '../quote.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { argument } from './signature.ts'

/** https://www.sqlite.org/lang_aggfunc.html, and the percentiles. JSON's aggregates are in json-group.ts. */
export const aggregateFunctions: readonly SqlFunction[] = [
  aggregate('count', 0, 1, count),
  aggregate('sum', 1, 1, sum),
  aggregate('total', 1, 1, total),
  aggregate('avg', 1, 1, average),
  aggregate('min', 1, 1, extreme),
  aggregate('max', 1, 1, extreme),
  aggregate('group_concat', 1, 2, joined),
  aggregate('string_agg', 2, 2, joined),
  aggregate('median', 1, 1, (call, context) => percentile(call, 'cont', 1, context)),
  aggregate('percentile', 2, 2, (call, context) => percentile(call, 'cont', 100, context)),
  aggregate('percentile_cont', 2, 2, (call, context) => percentile(call, 'cont', 1, context)),
  aggregate('percentile_disc', 2, 2, (call, context) => percentile(call, 'disc', 1, context)),
]

export function aggregate(
  name: string,
  min: number,
  max: number,
  emit: SqlFunction['emit'],
): SqlFunction {
  return { name, arity: { min, max }, kind: 'aggregate', emit }
}

function count(
  { args: [arg], distinct, tail }: FunctionCall,
  context: FunctionContext,
): TypedExpression {
  const counted = arg === undefined ? '*' : distinct ? `DISTINCT ${context.key(arg)}` : arg.sql
  return typed(`count(${counted})${tail}`, 'integer', { notNull: true })
}

/** What an argument counts for in a sum: text by the number that it begins with, as the emitter reads it. */
function summed(call: FunctionCall, context: FunctionContext): TypedExpression {
  const arg = argument(call, 0)
  const { type } = arg
  if (type === 'integer' || type === 'real') return arg
  if (type === 'null') return typed('NULL::bigint', 'integer')
  if (type === 'numeric') return typed(context.dynamic(arg), 'dynamic')
  // The bytes of a BLOB are never taken for an INTEGER.
  if (type === 'blob') return typed(context.real(arg), 'real')
  return typed(`sqlite.summand(${context.dynamic(arg)})`, 'dynamic')
}

function sum(call: FunctionCall, context: FunctionContext): TypedExpression {
  const value = summed(call, context)
  const { tail } = call
  const of = (sql: string): string => (call.distinct ? `DISTINCT ${sql}` : sql)
  if (value.type === 'integer') return typed(`(sum(${of(value.sql)})${tail})::bigint`, 'integer')
  if (value.type === 'real') return typed(`sqlite.sum(${of(value.sql)})${tail}`, 'real')
  if (call.distinct)
    return typed(`sqlite.sum_of(${firstOfEach(call, value.sql, context)})`, 'dynamic', {
      numbers: true,
    })
  const { sql } = value
  // INTEGER as long as all are, REAL from the first that is not, also when that has left the frame again.
  const whole = `bool_and(sqlite.dynamic_is_integer(${sql}))${call.addedTail ?? tail}`
  const integers = `sqlite.dynamic((sum(sqlite.dynamic_integer(${sql}))${tail})::bigint)`
  const reals = `sqlite.dynamic(sqlite.sum(${sql})${tail})`
  return typed(`(CASE WHEN ${whole} THEN ${integers} ELSE ${reals} END)`, 'dynamic', {
    numbers: true,
  })
}

/** The values of a DISTINCT, each where the first like it stands, as an array; see aggregate.sql. */
export function firstOfEach(call: FunctionCall, sql: string, context: FunctionContext): string {
  const { node, tail } = call
  const readingOrder = call.readingOrder()
  const orderBy = call.orderBy ?? readingOrder
  if (node.type === 'FunctionCallExpr' && node.orderBy !== undefined) {
    throw context.unsupported(
      `${call.name}() with both DISTINCT and ORDER BY`,
      'Sort in a subquery, or leave one of them out',
    )
  }
  const arg = argument(call, 0)
  const key = context.key(typed(context.dynamic(arg), 'dynamic', { collation: arg.collation }))
  const list = (each: string): string =>
    `array_agg(${each}${orderBy === null ? '' : ` ORDER BY ${orderBy}`})${tail}`
  const isSettled = readingOrder !== null || !context.isDoubtful(arg)
  return `sqlite.${isSettled ? 'first' : 'only'}_of_each(${list(sql)}, ${list(key)})`
}

function total(call: FunctionCall, context: FunctionContext): TypedExpression {
  const value = summed(call, context)
  const sum = realSum(call, value, context)
  if (value.type === 'integer') return typed(`coalesce(${sum}, 0)`, 'real', { notNull: true })
  // Of no row it is 0, but NULL where infinities of both signs meet.
  return typed(
    `(CASE WHEN ${counted(call, value, context)} = 0 THEN 0::float8 ELSE ${sum} END)`,
    'real',
  )
}

/** How many values a sum takes. */
function counted(call: FunctionCall, value: TypedExpression, context: FunctionContext): string {
  if (call.distinct && value.type === 'dynamic')
    return `coalesce(cardinality(${firstOfEach(call, value.sql, context)}), 0)`
  return `count(${call.distinct ? 'DISTINCT ' : ''}${value.sql})${call.tail}`
}

/** The sum as a REAL whatever the values are; NULL where there are none. */
function realSum(call: FunctionCall, value: TypedExpression, context: FunctionContext): string {
  const of = (sql: string): string => (call.distinct ? `DISTINCT ${sql}` : sql)
  if (value.type === 'integer') return `(sum(${of(value.sql)})${call.tail})::float8`
  if (value.type === 'real' || !call.distinct) return `sqlite.sum(${of(value.sql)})${call.tail}`
  return `sqlite.total_of(${firstOfEach(call, value.sql, context)})`
}

/** PostgreSQL's own average of integers is a numeric with too few digits. */
function average(call: FunctionCall, context: FunctionContext): TypedExpression {
  const value = summed(call, context)
  const whole = realSum(call, value, context)
  return typed(`(${whole} / nullif(${counted(call, value, context)}, 0))`, 'real')
}

/**
 * The smallest or largest by SQLite's order; DISTINCT changes nothing. What comes out is no column, so that no
 * collation of one stays with it: sqlite3ExprCollSeq of expr.c.
 */
function extreme(call: FunctionCall, context: FunctionContext): TypedExpression {
  const { name, tail } = call
  const arg = argument(call, 0)
  const { sql, type, collation } = arg
  const isSame = arg.embedded === sql && !call.over
  const facts = isSame ? {} : doubtfulSubtype(arg)
  const native = nativeOf(arg)
  const isOwn = native !== undefined && isSortedAlike(native) && isSameWhereEqual(native)
  // PostgreSQL 15 has neither for boolean nor for uuid.
  if (isOwn && !/^(?:boolean|uuid)$/.test(native.type)) {
    return typed(
      sqliteSql(`${name}(${native.sql})${tail}`, native.type, native.column.affinity),
      type,
      facts,
    )
  }
  if (type === 'integer' || type === 'real' || type === 'numeric') {
    return typed(`${name}(${sql})${tail}`, type, facts)
  }
  // It stays an aggregate, which makes one row of many.
  if (type === 'null') return typed(`${name}(NULL::text)${tail}`, 'null')
  if (type === 'text' && collation === 'BINARY') {
    const best = `${name}(${sql} COLLATE "C")${tail}`
    return typed(best, 'text', isSame ? { ...facts, embedded: best } : facts)
  }
  if (type === 'text' && collation === 'NOCASE') {
    return typed(extremeOfAlikes(call, `${name}_nocase`, context), 'text', {
      ...facts,
      ...doubtfulSubtype(arg),
    })
  }
  if (type === 'blob') return typed(`sqlite.${name}(${sql})${tail}`, type, facts)
  if (type === 'dynamic' && collation === 'BINARY') {
    return typed(extremeOfAlikes(call, name, context), type, {
      ...facts,
      ...numbersOf(type, [arg]),
    })
  }
  throw context.unsupported(`${name}() in the collation ${collation}`, 'Compare in BINARY')
}

/** Of values that are equal and not the same SQLite gives the first that it reads. */
function extremeOfAlikes(call: FunctionCall, name: string, context: FunctionContext): string {
  const arg = argument(call, 0)
  const { tail } = call
  if (!context.isDoubtful(arg)) return `sqlite.${name}(${arg.sql})${tail}`
  const readingOrder = call.readingOrder()
  if (readingOrder !== null) return `sqlite.${name}(${arg.sql} ORDER BY ${readingOrder})${tail}`
  return `sqlite.only_extreme(${arg.sql}, ${call.name === 'max' ? 1 : -1})${tail}`
}

/** Each separator stands before its own value; NULL separates nothing. */
function joined(call: FunctionCall, context: FunctionContext): TypedExpression {
  const [value, separator] = call.args
  if (value === undefined) throw new Error(`${call.name}() needs an argument`)
  const between = separator === undefined ? `','` : context.text(separator)
  if (call.distinct) {
    const values = firstOfEach(call, context.text(value), context)
    return typed(`array_to_string(${values}, ${between})`, 'text')
  }
  const order = call.orderBy === null ? '' : ` ORDER BY ${call.orderBy}`
  const sql = `${context.text(value)}, ${between}${order}`
  const whole = `string_agg(${sql})${call.tail}`
  return typed(call.over ? whereNotEmpty(whole, context.text(value), call) : whole, 'text')
}

/**
 * Of an empty text alone SQLite's window has a NUL character, and behind one that is left alone in a frame, as others have
 * left it, a separator too few: groupConcatValue and groupConcatInverse of func.c
 */
function whereNotEmpty(whole: string, value: string, { addedTail }: FunctionCall): string {
  const isFull = addedTail === undefined ? `${whole} <> ''` : `bool_and(${value} <> '')${addedTail}`
  const refusal = `group_concat() as a window of an empty text, for which SQLite has a NUL character or leaves out a separator. Leave it out with nullif(x, '')`
  return `(CASE WHEN sqlite.require(${isFull} IS NOT FALSE, ${quoteText(refusal)}) THEN ${whole} END)`
}

function percentile(
  call: FunctionCall,
  kind: 'cont' | 'disc',
  top: number,
  context: FunctionContext,
): TypedExpression {
  const [value, fraction] = call.args
  if (value === undefined) throw new Error(`${call.name}() needs an argument`)
  const isNumber = value.type === 'integer' || value.type === 'real' || value.type === 'numeric'
  const isKnown = fraction === undefined || fraction.type === 'integer' || fraction.type === 'real'
  if (!isNumber || !isKnown || call.distinct) {
    throw context.unsupported(
      `${call.name}() of what may be no number, or DISTINCT`,
      'CAST its arguments to REAL, and make the values distinct in a subquery',
    )
  }
  const share = fraction === undefined ? '0.5' : context.real(fraction)
  const sql = `sqlite.percentile_${kind}(${context.real(value)}, ${share}, ${top})${call.tail}`
  return typed(sql, 'real')
}
