import { isJson } from '../../values/json-text.ts'
import type { TypedExpression } from './expression.ts'

/** Of these only a BLOB fails; the others read their first argument as JSON, `json_patch` both. */
const makesJson = /^jsonb?_(?:array|object|quote|valid|group_\w+)$/
const readsJson = /^(?:jsonb?(?:_\w+)?|->>?)$/

/**
 * A call of constants PostgreSQL computes while it plans, and fails of it where no row ever comes to it. So a literal that
 * makes the call fail is asked for by a query, which it runs when it has to.
 * https://www.postgresql.org/docs/current/xfunc-volatility.html
 */
export function withLateLiterals(
  name: string,
  args: readonly TypedExpression[],
): readonly TypedExpression[] {
  return args.map((argument, index) =>
    fails(name, argument.literal, index)
      ? { ...argument, sql: `(SELECT ${argument.sql})`, literal: undefined }
      : argument,
  )
}

function fails(name: string, literal: TypedExpression['literal'], index: number): boolean {
  if (name === 'abs') return literal === -9_223_372_036_854_775_808n
  if (!readsJson.test(name)) return false
  if (literal instanceof Uint8Array) return true
  if (typeof literal !== 'string' || makesJson.test(name)) return false
  return (index === 0 || name.endsWith('_patch')) && !isJson(literal)
}
