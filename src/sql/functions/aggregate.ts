import { typed, type TypedExpression } from '../translate/expression.ts'
import { doubtfulSubtype } from '../translate/subtype.ts'
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

/** Behind `DISTINCT`, in the aggregate's own order; an order besides would have to name the argument itself. */
function inside(call: FunctionCall, sql: string, context: FunctionContext): string {
  if (!call.distinct) return call.orderBy === null ? sql : `${sql} ORDER BY ${call.orderBy}`
  if (call.orderBy === null) return `DISTINCT ${sql}`
  throw context.unsupported(
    `${call.name}() with both DISTINCT and ORDER BY`,
    'Sort in a subquery, or leave one of them out',
  )
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
  const of = (sql: string): string => inside({ ...call, orderBy: null }, sql, context)
  if (value.type === 'integer') return typed(`(sum(${of(value.sql)})${tail})::bigint`, 'integer')
  if (value.type === 'real') return typed(`sqlite.sum(${of(value.sql)})${tail}`, 'real')
  if (call.distinct) throw distinctMix(call, context)
  const { sql } = value
  // INTEGER as long as all are, REAL from the first that is not.
  const whole = `bool_and(sqlite.dynamic_is_integer(${sql}))${tail}`
  const integers = `sqlite.dynamic((sum(sqlite.dynamic_integer(${sql}))${tail})::bigint)`
  const reals = `sqlite.dynamic(sqlite.sum(sqlite.dynamic_real(${sql}))${tail})`
  return typed(`(CASE WHEN ${whole} THEN ${integers} ELSE ${reals} END)`, 'dynamic')
}

function total(call: FunctionCall, context: FunctionContext): TypedExpression {
  const value = summed(call, context)
  if (call.distinct && value.type === 'dynamic') throw distinctMix(call, context)
  const of = (sql: string): string => inside({ ...call, orderBy: null }, sql, context)
  if (value.type === 'integer') {
    const sql = `(sum(${of(value.sql)})${call.tail})::float8`
    return typed(`coalesce(${sql}, 0)`, 'real', { notNull: true })
  }
  // Of no row it is 0, but NULL where infinities of both signs meet.
  const rows = `count(${of(value.sql)})${call.tail}`
  const sum = `sqlite.sum(${of(context.real(value))})${call.tail}`
  return typed(`(CASE WHEN ${rows} = 0 THEN 0::float8 ELSE ${sum} END)`, 'real')
}

/** PostgreSQL's own average of integers is a numeric with too few digits. */
function average(call: FunctionCall, context: FunctionContext): TypedExpression {
  const value = summed(call, context)
  if (call.distinct && value.type === 'dynamic') throw distinctMix(call, context)
  const of = (sql: string): string => inside({ ...call, orderBy: null }, sql, context)
  const rows = `nullif(count(${of(value.sql)})${call.tail}, 0)`
  const whole =
    value.type === 'integer'
      ? `(sum(${of(value.sql)})${call.tail})::float8`
      : `sqlite.sum(${of(context.real(value))})${call.tail}`
  if (value.type !== 'dynamic') return typed(`(${whole} / ${rows})`, 'real')
  return typed(`(${whole} / nullif(count(${value.sql})${call.tail}, 0))`, 'real')
}

function distinctMix(call: FunctionCall, context: FunctionContext): Error {
  return context.unsupported(
    `${call.name}(DISTINCT) of values whose class is not known`,
    'CAST the argument to INTEGER or REAL',
  )
}

/** The smallest or largest by SQLite's order; DISTINCT changes nothing. */
function extreme(call: FunctionCall, context: FunctionContext): TypedExpression {
  const { name, tail } = call
  const arg = argument(call, 0)
  const { sql, type, collation, collationFrom } = arg
  const isSame = arg.embedded === sql && !call.over
  const subtype = isSame ? {} : doubtfulSubtype(arg)
  const facts = { collation, collationFrom, ...subtype }
  if (type === 'upgraded') {
    if (arg.column?.postgresType === 'boolean')
      return extreme({ ...call, args: [asInteger(arg)] }, context)
    return typed(`${name}(${sql})${tail}`, type, { ...facts, column: arg.column })
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
  if (call.moves && (type === 'dynamic' || (type === 'text' && collation === 'NOCASE'))) {
    throw context.unsupported(
      `${name}() over a frame that moves, of values that may be equal and not the same`,
      'CAST them to one type, and compare in BINARY',
    )
  }
  if (type === 'text' && collation === 'NOCASE') {
    return typed(`sqlite.${name}_nocase(${sql})${tail}`, 'text', {
      ...facts,
      ...doubtfulSubtype(arg),
    })
  }
  if (type === 'blob' || (type === 'dynamic' && collation === 'BINARY')) {
    return typed(`sqlite.${name}(${sql})${tail}`, type, facts)
  }
  throw context.unsupported(`${name}() in the collation ${collation}`, 'Compare in BINARY')
}

function asInteger(arg: TypedExpression): TypedExpression {
  return typed(`(${arg.sql})::int::bigint`, 'integer')
}

/** Each separator stands before its own value; NULL separates nothing. */
function joined(call: FunctionCall, context: FunctionContext): TypedExpression {
  const [value, separator] = call.args
  if (value === undefined) throw new Error(`${call.name}() needs an argument`)
  const isFolded = value.type === 'text' && value.collation !== 'BINARY'
  if (call.distinct && (isFolded || value.type === 'numeric' || value.type === 'dynamic')) {
    throw distinctMix(call, context)
  }
  const between = separator === undefined ? `','` : context.text(separator)
  const sql = inside(call, `${context.text(value)}, ${between}`, context)
  return typed(`string_agg(${sql})${call.tail}`, 'text')
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
