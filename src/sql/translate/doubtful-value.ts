import { equalityKey } from './comparison.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'

/** Equal values of it need not be the same: it is of a type and collation for which they may differ, and of no unique key. */
export function isDoubtful(expression: TypedExpression, { catalog }: Emitter): boolean {
  const { constant, literal, column, collation } = expression
  if (constant || literal !== undefined || expression.type === 'null') return false
  if (equalityKey({ ...expression, collationFrom: 'explicit' }) === expression.sql) return false
  const keys = catalog.relation(column?.table ?? '')?.uniqueKeys ?? []
  return !keys.some(({ parts, where }) => {
    const [part, second] = parts
    const isOwn = part?.column === column?.name && part?.collation === collation
    return isOwn && second === undefined && where === null
  })
}
