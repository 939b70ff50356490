import type { Expr, Limit } from 'sqlite3-parser'
import { LockstepError } from '../../core/errors.ts'
import { toDynamic } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { numberOfText } from './numeric-text.ts'
import { createScope, type Scope } from './scope.ts'

/** A negative LIMIT is none, a negative OFFSET is zero. https://www.sqlite.org/lang_select.html#limitoffset */
export function limitClause(
  node: Limit | undefined,
  scope: Scope | null,
  emitter: Emitter,
): string {
  if (node === undefined) return ''
  const inner = createScope(scope)
  const limit = count(node.expr, inner, emitter)
  const offset = node.offset === undefined ? null : count(node.offset, inner, emitter)
  return `${limit === null ? '' : ` LIMIT ${limit}`}${offset === null ? '' : ` OFFSET ${offset}`}`
}

function mismatch(): Error {
  return new LockstepError('SQLITE_MISMATCH', 'datatype mismatch')
}

function count(node: Expr, scope: Scope, emitter: Emitter): string | null {
  const parameter = emitter.parameterOf(node)
  if (parameter !== undefined) {
    const classes = ['integer', 'integral-real', 'integral-text'] as const
    if (!emitter.parameters.isOneOf(parameter, classes)) throw mismatch()
    return emitter.parameters.slot(parameter, 'bigint', 'limit')
  }
  const value = emitter.value(node, scope)
  const { literal } = value
  if (literal !== undefined) {
    const number = typeof literal === 'string' ? numberOfText(literal) : literal
    const isWhole = typeof number === 'bigint' || Number.isSafeInteger(number)
    if (!isWhole || number === null || number === undefined) throw mismatch()
    return Number(number) < 0 ? null : String(number)
  }
  const whole =
    value.type === 'integer' && value.notNull ? value.sql : `sqlite.whole(${toDynamic(value)})`
  return `(SELECT CASE WHEN n >= 0 THEN n END FROM (SELECT ${whole} AS n) AS l)`
}
