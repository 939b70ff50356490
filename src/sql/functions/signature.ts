import { allNotNull, typed, type SqlType, type TypedExpression } from '../translate/expression.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from './registry.ts'

/** How an argument of a simple function is read; `optional` ones may be left out, from the right. */
export type Reading = 'text' | 'integer' | 'real' | 'dynamic'

export interface Signature {
  readonly name: string
  /** A function with two names has two entries (`substr`, `substring`). */
  readonly takes: readonly Reading[]
  /** How many of them may be left out. */
  readonly optional?: number
  readonly gives: SqlType
  readonly volatility?: SqlFunction['volatility']
  /** Never NULL, or never NULL where no argument is; by default it may be NULL. */
  readonly notNull?: 'always' | 'strict'
  sql(args: readonly string[]): string
}

/** A scalar function whose arguments are read each in one way, whatever their classes are. */
export function simple(signature: Signature): SqlFunction {
  const { name, takes, optional = 0, gives, volatility = 'immutable', notNull } = signature
  return {
    name,
    arity: { min: takes.length - optional, max: takes.length },
    kind: 'scalar',
    volatility,
    emit({ args }, context) {
      const read = args.map((arg, index) => context[takes[index] ?? 'text'](arg))
      const never = notNull === 'always' || (notNull === 'strict' && allNotNull(args))
      return typed(signature.sql(read), gives, { notNull: never })
    },
  }
}

/** Any number of arguments of its own; `emit` sees them as they are. */
export function scalar(
  name: string,
  arity: readonly [min: number, max: number | null],
  emit: (call: FunctionCall, context: FunctionContext) => TypedExpression,
): SqlFunction {
  return { name, arity: { min: arity[0], max: arity[1] }, kind: 'scalar', emit }
}

/** The same function under other names. */
export function also(entry: SqlFunction, ...names: readonly string[]): readonly SqlFunction[] {
  return [entry, ...names.map((name) => ({ ...entry, name }))]
}

/** The argument at a place that the arity promises. */
export function argument(call: FunctionCall, index: number): TypedExpression {
  const arg = call.args[index]
  if (arg === undefined) throw new Error(`${call.name}() was called with too few arguments`)
  return arg
}

/** A piece of text as PostgreSQL reads it whatever its settings are; backslashes stand for themselves. */
export function textLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'::text` : `'${quoted}'::text`
}
