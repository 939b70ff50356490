import type { Expr } from 'sqlite3-parser'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { facing } from './parameter-values.ts'
import type { Scope } from './scope.ts'

/** Both sides as values; a parameter takes the type of what it faces. */
export function sides(
  left: Expr,
  right: Expr,
  scope: Scope,
  emitter: Emitter,
): readonly [TypedExpression, TypedExpression] {
  const [a, b] = [emitter.parameterOf(left), emitter.parameterOf(right)]
  if (a !== undefined && b === undefined) {
    const other = emitter.expression(right, scope)
    return [facing(emitter.parameters, a, other), other]
  }
  const first = emitter.expression(left, scope)
  if (b !== undefined && a === undefined) return [first, facing(emitter.parameters, b, first)]
  return [first, emitter.expression(right, scope)]
}
