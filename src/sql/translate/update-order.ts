import type { AstNode, Expr, FromClause, Limit } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import type { Assignment } from './assignments.ts'
import type { Emitter } from './emitter.ts'
import { readsTable } from './returning.ts'
import type { Scope } from './scope.ts'
import { pinsRow } from './single-row.ts'
import { columnsNamedIn, descendants, subqueriesIn, tablesNamedIn, unwrap } from './syntax.ts'
import type { Target } from './target.ts'

/** What tells which rows an UPDATE or DELETE is for. */
interface Chooser {
  readonly whereClause: Expr | undefined
  readonly limit: Limit | undefined
  readonly from?: FromClause | undefined
}

/** The statement is for at most one row, as far as its text tells. */
export function isSingle(
  { whereClause, from, limit }: Chooser,
  { relation, name }: Target,
): boolean {
  const one = limit === undefined ? undefined : unwrap(limit.expr)
  if (one?.type === 'NumericLiteral' && one.value === '1') return true
  if (from !== undefined) return false
  const own = name.alias?.text ?? relation.name
  return pinsRow(whereClause, { relation, name: own, others: new Set() })
}

/**
 * SQLite works out the values of a row when the rows before it have changed already, so that a subquery
 * which reads the changed columns of the same table sees some of them changed and others not.
 */
export function refuseHalfChanged(
  assigned: readonly Assignment[],
  target: Target,
  scope: Scope,
  emitter: Emitter,
): void {
  const changed = assigned.map(({ column }) => foldName(column.name))
  for (const { node } of assigned) {
    for (const subquery of subqueriesIn(node)) {
      if (!readsTable(tablesNamedIn(subquery), target.relation.name, emitter)) continue
      const read = columnsNamedIn(subquery)
      if (read !== null && !changed.some((name) => read.has(name))) continue
      if (isAskedFirst(subquery, node, scope, emitter)) continue
      const construct = 'A subquery in SET that reads what the same UPDATE changes'
      const wayOut = 'Compute the values with UPDATE ... FROM'
      throw emitter.unsupported(construct, subquery.span.offset, wayOut)
    }
  }
}

/** A row that comes later has followed those before it already when SQLite works out its values. */
export function refuseFollowed(
  assigned: readonly Assignment[],
  { relation, offset }: Target,
  emitter: Emitter,
): void {
  const followed = assigned.find(({ column }) =>
    relation.followedColumns.has(foldName(column.name)),
  )
  if (followed === undefined) return
  throw emitter.unsupported(
    `An UPDATE of several rows of "${followed.column.name}", which rows of the same table follow or forbid by ON UPDATE`,
    offset,
    'Change the rows one by one',
  )
}

/** It has one answer for all rows, which SQLite gets before it changes the first. */
function isAskedFirst(subquery: AstNode, within: Expr, scope: Scope, emitter: Emitter): boolean {
  const lazy = [...descendants(within)].some(
    (node) =>
      node.type === 'CaseExpr' ||
      node.type === 'FunctionCallExpr' ||
      (node.type === 'BinaryExpr' && (node.op === 'And' || node.op === 'Or')),
  )
  if (subquery.type !== 'SubqueryExpr' || (lazy && unwrap(within) !== subquery)) return false
  return !emitter.select(subquery.select, scope).correlated
}
