import { allConstant, typed, type TypedExpression } from './expression.ts'

/** Functions that end in an error for some values, on SQLite as well: no JSON, a bad path, a number without an absolute value. */
const mayFail = /\bsqlite\.\w*json|\babs\(/

/**
 * What an operator makes of a NULL and another operand: NULL, but not before the other one is computed, which may be an
 * error. A NULL that is known spares the server everything else.
 */
export function ofNull(
  operands: readonly TypedExpression[],
  type: 'boolean' | 'null',
): TypedExpression {
  const nothing = type === 'boolean' ? 'NULL::boolean' : 'NULL'
  const failing = operands.filter(({ sql }) => mayFail.test(sql))
  if (failing.length === 0) {
    return typed(nothing, type, { constant: true, ...(type === 'null' && { literal: null }) })
  }
  const tests = failing.map(({ sql }) => `${sql} IS NULL`).join(' AND ')
  const sql = `(CASE WHEN ${tests} THEN ${nothing} END)`
  return typed(sql, type, { constant: allConstant(operands) })
}
