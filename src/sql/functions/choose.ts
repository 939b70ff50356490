import { allNotNull, numbersOf, typed, type TypedExpression } from '../translate/expression.ts'
import { chosenSubtype, doubtfulSubtype } from '../translate/subtype.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { also, argument, scalar } from './signature.ts'

/** Functions that give one of their arguments. https://www.sqlite.org/lang_corefunc.html */
export const choosingFunctions: readonly SqlFunction[] = [
  ...also(scalar('coalesce', [2, null], firstOf)),
  scalar('ifnull', [2, 2], firstOf),
  scalar('nullif', [2, 2], nullIf),
  ...also(scalar('iif', [2, null], choose), 'if'),
  scalar('max', [2, null], (call, context) => extreme(call, 'greatest', 'largest', context)),
  scalar('min', [2, null], (call, context) => extreme(call, 'least', 'smallest', context)),
  scalar('likelihood', [2, 2], likelihood),
  scalar('likely', [1, 1], (call) => passed(argument(call, 0))),
  scalar('unlikely', [1, 1], (call) => passed(argument(call, 0))),
]

/** SQLite asks for a number that is written with a point, not for one that is computed. */
function likelihood(call: FunctionCall, context: FunctionContext): TypedExpression {
  const { literal } = argument(call, 1)
  if (typeof literal === 'number' && literal >= 0 && literal <= 1 && !Object.is(literal, -0))
    return passed(argument(call, 0))
  throw context.wrong('second argument to likelihood() must be a constant between 0.0 and 1.0')
}

function firstOf({ args }: FunctionCall, context: FunctionContext): TypedExpression {
  const { type, sql } = context.unify(args)
  const notNull = args.some((arg) => arg.notNull)
  const last = args.findIndex((arg) => arg.notNull)
  const read = last < 0 ? args : args.slice(0, last + 1)
  const subtype = chosenSubtype(read, (texts) => `coalesce(${texts.join(', ')})`)
  return typed(`coalesce(${sql.join(', ')})`, type, {
    notNull,
    ...subtype,
    ...numbersOf(type, args),
  })
}

/** No affinity is applied, so that a text never equals a number. */
function nullIf(call: FunctionCall, context: FunctionContext): TypedExpression {
  const [value, other] = [argument(call, 0), argument(call, 1)]
  const { type } = value
  if (type === 'null' || other.type === 'null') return passed(value)
  const collation = value.collationFrom === 'none' ? other.collation : value.collation
  if (type === 'text' && other.type === 'text' && collation === 'BINARY') {
    const sql = `nullif(${value.sql}, ${other.sql} COLLATE "C")`
    const isSame = value.embedded === value.sql
    return typed(sql, 'text', isSame ? { embedded: sql } : doubtfulSubtype(value))
  }
  if (type === other.type && (type === 'integer' || type === 'real' || type === 'blob')) {
    return typed(`nullif(${value.sql}, ${other.sql})`, type)
  }
  const key = (arg: TypedExpression): string =>
    context.key(typed(context.dynamic(arg), 'dynamic', { collation }))
  const same =
    collation === 'BINARY'
      ? `sqlite.compare(${context.dynamic(value)}, ${context.dynamic(other)}) = 0`
      : `${key(value)} = ${key(other)}`
  const kept = (sql: string): string => `(CASE WHEN ${same} THEN NULL ELSE ${sql} END)`
  const { embedded } = value
  const subtype = embedded == null ? doubtfulSubtype(value) : { embedded: kept(embedded) }
  return typed(kept(value.sql), type, { ...subtype, ...numbersOf(type, [value]) })
}

/** Conditions and values by turns; the last value may stand alone. */
function choose({ args }: FunctionCall, context: FunctionContext): TypedExpression {
  const conditions = args.filter((_, index) => index % 2 === 0 && index + 1 < args.length)
  const values = args.filter((_, index) => index % 2 === 1)
  const otherwise = args.length % 2 === 1 ? args.slice(-1) : []
  const chosen = [...values, ...otherwise]
  const { type, sql } = context.unify(chosen)
  const branches = (results: readonly string[]): string => {
    const cases = conditions.map(
      (each, index) => `WHEN ${context.condition(each)} THEN ${results[index]}`,
    )
    const last = otherwise.length === 0 ? '' : ` ELSE ${results[values.length]}`
    return `(CASE ${cases.join(' ')}${last} END)`
  }
  const notNull = otherwise.length > 0 && allNotNull(chosen)
  const facts = { notNull, ...chosenSubtype(chosen, branches), ...numbersOf(type, chosen) }
  return typed(branches(sql), type, facts)
}

/** NULL where any argument is, which PostgreSQL's own leave out. */
function extreme(
  { args }: FunctionCall,
  native: string,
  ours: string,
  context: FunctionContext,
): TypedExpression {
  const { type, sql } = context.unify(args)
  const notNull = allNotNull(args)
  if (type === 'null') return typed('NULL::text', 'null')
  const subtype = args.reduce((found, arg) => ({ ...found, ...doubtfulSubtype(arg) }), {})
  const collation = args.find(({ collationFrom }) => collationFrom !== 'none')?.collation
  if (
    collation !== undefined &&
    collation !== 'BINARY' &&
    (type === 'text' || type === 'dynamic')
  ) {
    const values = args.map((arg) => context.dynamic(arg)).join(', ')
    const best = `sqlite.${ours}_in('${collation}', VARIADIC ARRAY[${values}])`
    const own = type === 'text' ? `sqlite.dynamic_text(${best})` : best
    return typed(own, type, { notNull, ...subtype })
  }
  if (type === 'dynamic') {
    return typed(`sqlite.${ours}(VARIADIC ARRAY[${sql.join(', ')}])`, 'dynamic', {
      notNull,
      ...subtype,
      ...numbersOf(type, args),
    })
  }
  const list = type === 'text' ? sql.map((each) => `${each} COLLATE "C"`) : sql
  // Of values that are equal and not the same SQLite's max() has the first and its min() the last, and PostgreSQL the first.
  const best = `${native}(${(native === 'least' ? list.toReversed() : list).join(', ')})`
  const nullable = args.flatMap((arg, index) => (arg.notNull ? [] : [`${sql[index]} IS NULL`]))
  if (nullable.length === 0) return typed(best, type, { notNull, ...subtype })
  return typed(`(CASE WHEN ${nullable.join(' OR ')} THEN NULL ELSE ${best} END)`, type, subtype)
}

/** A hint to SQLite's planner; behind it a column's value has neither its affinity nor its collation. */
function passed(arg: TypedExpression): TypedExpression {
  const { sql, type, notNull, constant, literal } = arg
  const facts = { notNull, constant, literal }
  return typed(sql, type, arg.embedded === undefined ? facts : { ...facts, embedded: arg.embedded })
}
