import { typed, type TypedExpression } from '../translate/expression.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { argument } from './signature.ts'

/** Functions that only stand with OVER. https://www.sqlite.org/windowfunctions.html#builtins */
export const windowFunctions: readonly SqlFunction[] = [
  ...(['row_number', 'rank', 'dense_rank'] as const).map((name) =>
    windowed(name, 0, 0, ({ tail }) => typed(`${name}()${tail}`, 'integer', { notNull: true })),
  ),
  ...(['percent_rank', 'cume_dist'] as const).map((name) =>
    windowed(name, 0, 0, ({ tail }) => typed(`${name}()${tail}`, 'real', { notNull: true })),
  ),
  windowed('ntile', 1, 1, (call, context) => {
    const buckets = tiles(argument(call, 0), context)
    return typed(`ntile(${buckets})${call.tail}::bigint`, 'integer', { notNull: true })
  }),
  windowed('lag', 1, 3, shifted),
  windowed('lead', 1, 3, shifted),
  windowed('first_value', 1, 1, carried),
  windowed('last_value', 1, 1, carried),
  windowed('nth_value', 2, 2, (call, context) => {
    const value = argument(call, 0)
    const place = nth(argument(call, 1), context)
    return like(value, `nth_value(${value.sql}, ${place})${call.tail}`)
  }),
]

function windowed(name: string, min: number, max: number, emit: SqlFunction['emit']): SqlFunction {
  return { name, arity: { min, max }, kind: 'window', emit }
}

function carried(call: FunctionCall): TypedExpression {
  const value = argument(call, 0)
  return like(value, `${call.name}(${value.sql})${call.tail}`)
}

/** The class of a row's value, which may be missing. */
function like(value: TypedExpression, sql: string): TypedExpression {
  return typed(sql, value.type)
}

function shifted(call: FunctionCall, context: FunctionContext): TypedExpression {
  const [value, distance, otherwise] = call.args
  if (value === undefined) throw new Error(`${call.name}() needs an argument`)
  if (distance === undefined) return like(value, `${call.name}(${value.sql})${call.tail}`)
  if (call.name === 'lag' && typeof distance.literal === 'bigint' && distance.literal < 0n)
    throw context.unsupported('lag() with a negative distance', 'Use lead()')
  const rows = isSmall(distance)
    ? String(distance.literal)
    : `sqlite.window_${call.name === 'lag' ? 'lag' : 'distance'}(${context.dynamic(distance)})`
  if (otherwise === undefined) {
    return like(value, `${call.name}(${value.sql}, ${rows})${call.tail}`)
  }
  const { type, sql } = context.unify([value, otherwise])
  return typed(`${call.name}(${sql[0]}, ${rows}, ${sql[1]})${call.tail}`, type)
}

/** PostgreSQL takes an int4, and NULL where SQLite fails. */
function nth(place: TypedExpression, context: FunctionContext): string {
  if (isSmall(place) && place.literal !== 0n) return String(place.literal)
  return `sqlite.window_place(${context.dynamic(place)})`
}

function isSmall({ literal }: TypedExpression): boolean {
  return typeof literal === 'bigint' && literal >= 0n && literal < 2n ** 31n
}

/** SQLite takes the first row's, PostgreSQL too; but which that is hangs on the order among equals. */
function tiles(buckets: TypedExpression, context: FunctionContext): string {
  if (isSmall(buckets) && buckets.literal !== 0n) return String(buckets.literal)
  if (buckets.constant) return `sqlite.window_tiles(${context.integer(buckets)})`
  throw context.unsupported('ntile() of what differs between rows', 'Write it as a number')
}
