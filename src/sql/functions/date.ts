import { typed, type TypedExpression } from '../translate/expression.ts'
import { isNoPartOfNumber } from '../translate/numeric-text.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'
import { argument } from './signature.ts'

/**
 * Date and time functions. A time value that comes from a row is taken by the immutable twin (`_i`), so that
 * an index on the same expression serves the query; it refuses 'now', which the others read from the
 * statement's start. https://www.sqlite.org/lang_datefunc.html
 */
export const dateFunctions: readonly SqlFunction[] = [
  ...(['date', 'time', 'datetime'] as const).map((name) => moment(name, 'text')),
  moment('julianday', 'real'),
  moment('unixepoch', 'integer'),
  stable('strftime', [0, null], strftime),
  stable('timediff', [2, 2], (call, context) => {
    const args = call.args.map((arg) => context.dynamic(arg))
    return typed(`sqlite.timediff${twin(call.args)}(${args.join(', ')})`, 'text')
  }),
  ...(['date', 'time', 'timestamp'] as const).map((part) =>
    stable(`current_${part}`, [0, 0], () => {
      const name = part === 'timestamp' ? 'datetime' : part
      return typed(`sqlite.${name}('now'::text)`, 'text', { notNull: true, isNoNumber: true })
    }),
  ),
]

function stable(
  name: string,
  arity: readonly [min: number, max: number | null],
  emit: SqlFunction['emit'],
): SqlFunction {
  return {
    name,
    arity: { min: arity[0], max: arity[1] },
    kind: 'scalar',
    volatility: 'stable',
    emit,
  }
}

function moment(name: string, gives: 'text' | 'real' | 'integer'): SqlFunction {
  return stable(name, [0, null], (call, context) => {
    const { args } = call
    refuseLocalTime(args.slice(1), context)
    const sql = `sqlite.${name}${twin(args)}(${timeValue(args, context)})`
    const notNull = isNowAlone(args)
    if (gives !== 'integer') return typed(sql, gives, { notNull, isNoNumber: gives === 'text' })
    // Only with the modifier 'subsec', or one that is not known yet, is it not an INTEGER.
    return isWhole(args)
      ? typed(`sqlite.dynamic_integer(${sql})`, 'integer', { notNull })
      : typed(sql, 'dynamic', { notNull })
  })
}

function strftime(call: FunctionCall, context: FunctionContext): TypedExpression {
  if (call.args.length === 0) return typed('NULL::text', 'null')
  const [template, ...args] = [argument(call, 0), ...call.args.slice(1)]
  refuseLocalTime(args.slice(1), context)
  const sql = `sqlite.strftime${twin(args)}(${context.text(template)}, ${timeValue(args, context)})`
  const isNoNumber = typeof template.literal === 'string' && isDate(template.literal)
  return typed(sql, 'text', { isNoNumber })
}

/** Of the template of a date or a time, as '%Y-%m-%d', no number comes. */
function isDate(template: string): boolean {
  return isNoPartOfNumber(template.replaceAll(/%[A-Za-z]/g, '0'))
}

/** The time value by its class, and the modifiers. */
function timeValue(args: readonly TypedExpression[], context: FunctionContext): string {
  const [value, ...modifiers] = args
  if (value === undefined) return `'now'::text`
  const list = [value, ...modifiers].map((arg, index) =>
    index === 0 ? timeArgument(arg, context) : context.text(arg),
  )
  return list.join(', ')
}

function timeArgument(value: TypedExpression, context: FunctionContext): string {
  const { type, sql } = value
  if (type === 'integer' || type === 'real' || type === 'numeric') return context.real(value)
  return type === 'dynamic' ? sql : context.text(value)
}

const needsNow = /^(?:now|subsec|subsecond)$/i

/** Immutable where the time value is no constant, or is a constant other than 'now'. */
function twin(args: readonly TypedExpression[]): '' | '_i' {
  const [value] = args
  if (value === undefined) return ''
  if (typeof value.literal === 'string') return needsNow.test(value.literal) ? '' : '_i'
  const isNumber = value.type === 'integer' || value.type === 'real' || value.type === 'numeric'
  return isNumber || !value.constant ? '_i' : ''
}

function isNowAlone(args: readonly TypedExpression[]): boolean {
  const [value] = args
  return value === undefined || (args.length === 1 && value.literal === 'now')
}

function isWhole(args: readonly TypedExpression[]): boolean {
  const [value, ...modifiers] = args
  if (value === undefined) return true
  const isKnown = modifiers.every(
    ({ literal }) => typeof literal === 'string' && !/^subsec(?:ond)?$/i.test(literal),
  )
  if (typeof value.literal === 'string') return isKnown && !/^subsec(?:ond)?$/i.test(value.literal)
  // A text that is not known could be 'subsec' only where the statement sees the time.
  return isKnown && (['integer', 'real', 'null'].includes(value.type) || !value.constant)
}

function refuseLocalTime(modifiers: readonly TypedExpression[], context: FunctionContext): void {
  for (const { literal } of modifiers) {
    if (typeof literal !== 'string' || !/^(?:localtime|utc)$/i.test(literal)) continue
    throw context.unsupported(
      `The modifier '${literal}'`,
      'The server does not know the local time of the application: keep times in UTC and convert them there',
    )
  }
}
