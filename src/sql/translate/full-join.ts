import type { Expr, JoinedSelectTable } from 'sqlite3-parser'
import type { EmittedFrom, Emitter, KeyedFrom } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { operands } from './operands.ts'
import { createScope, type Scope, type Source } from './scope.ts'
import { unwrap } from './syntax.ts'

const MAX_SIDES_LENGTH = 100_000

/** Whether PostgreSQL can sort or hash by the equality of the two, as its FULL JOIN needs one. */
export function canMerge({
  left,
  right,
}: {
  readonly left: TypedExpression
  readonly right: TypedExpression
}): boolean {
  if (left.column === null || right.column === null || left.type !== right.type) return false
  const { kind } = operands(left, right)
  return (
    left.column.postgresType === right.column.postgresType && (kind === 'direct' || kind === 'text')
  )
}

/** ON has such an equality between a column of either side, on which all else depends. */
export function mergesOn(
  { constraint }: JoinedSelectTable,
  left: EmittedFrom,
  right: EmittedFrom,
  parent: Scope | null,
  emitter: Emitter,
): boolean {
  if (constraint?.type !== 'OnJoinConstraint') return false
  const scope = createScope(parent, { sources: [...left.sources, ...right.sources] })
  const stack: Expr[] = [constraint.expr]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const node = unwrap(next)
    if (node.type !== 'BinaryExpr') continue
    if (node.op === 'And') stack.push(node.left, node.right)
    if (node.op !== 'Equals' || !isColumn(node.left) || !isColumn(node.right)) continue
    const sides = [node.left, node.right].map((side) => emitter.expression(side, scope))
    const [a, b] = sides as [TypedExpression, TypedExpression]
    const crosses = [left, right].every(({ sources }) => has(sources, a) !== has(sources, b))
    if (crosses && canMerge({ left: a, right: b })) return true
  }
  return false
}

function isColumn(node: Expr): boolean {
  const { type } = unwrap(node)
  return type === 'Id' || type === 'QualifiedExpr'
}

function has(sources: readonly Source[], { sql }: TypedExpression): boolean {
  return sources.some(
    ({ columns, rowid }) =>
      rowid?.sql === sql || columns.some(({ expression }) => expression.sql === sql),
  )
}

/**
 * FULL JOIN on any condition: the pairs that meet it are found first, by what tells the rows apart, and
 * each side is then joined to the pairs.
 * https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-JOIN
 */
export function fullJoin(
  left: EmittedFrom,
  right: EmittedFrom,
  on: string,
  node: JoinedSelectTable,
  emitter: Emitter,
): { readonly sql: string; readonly keyed: KeyedFrom } {
  const [a, b] = [left.keyed, right.keyed]
  if (a === undefined || b === undefined) {
    const construct = 'FULL JOIN of a table-valued function on such a condition'
    throw emitter.unsupported(construct, node.span.offset, 'Put the function into a subquery')
  }
  // Each such join writes both sides twice.
  if (a.sql.length + b.sql.length > MAX_SIDES_LENGTH) {
    const construct = 'Several FULL JOINs on such conditions'
    throw emitter.unsupported(construct, node.span.offset, 'Join fewer tables at once')
  }
  const pairs = emitter.freshName('pairs')
  const named = (keys: readonly string[]): { readonly key: string; readonly name: string }[] =>
    keys.map((key) => ({ key, name: emitter.freshName('key') }))
  const [ours, theirs] = [named(a.keys), named(b.keys)]
  const list = [...ours, ...theirs].map(({ key, name }) => `${key} AS ${name}`).join(', ')
  const matches = (keys: typeof ours): string =>
    keys.map(({ key, name }) => `${pairs}.${name} = ${key}`).join(' AND ')
  const found = `(SELECT ${list} FROM ${a.sql} JOIN ${b.sql} ON ${on}) AS ${pairs}`
  const sql = `${a.sql} FULL JOIN (${found} RIGHT JOIN ${b.sql} ON ${matches(theirs)}) ON ${matches(ours)}`
  return { sql, keyed: { sql, keys: [...a.keys, ...b.keys] } }
}

export function keyedJoin(
  left: KeyedFrom,
  right: KeyedFrom,
  text: (left: string, right: string) => string,
): KeyedFrom {
  return { sql: text(left.sql, right.sql), keys: [...left.keys, ...right.keys] }
}
