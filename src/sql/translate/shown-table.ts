import type { Select, SelectTable } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { aggregatesIn } from './grouping.ts'
import type { Emitter } from './emitter.ts'
import { keyTest, rowidNames } from './rowid-names.ts'
import type { Scope } from './scope.ts'
import { commonTable } from './sources.ts'
import { columnsNamedIn } from './syntax.ts'
import { hasWindow } from './walk.ts'

/** The table or view that a term of FROM names; none where the statement chooses the index for it. */
export function tableRead(
  node: SelectTable | undefined,
  scope: Scope | null,
  { catalog }: Emitter,
): Relation | undefined {
  if (node?.type !== 'TableSelectTable' || commonTable(node.tblName, scope) !== undefined)
    return undefined
  if (node.indexed?.type === 'IndexedByIndexed') return undefined
  return catalog.relation(node.tblName.objName.text)
}

/**
 * The table of which a subquery gives the rows one by one, as it reads them. SQLite makes one query of the two, so its
 * key must not be among the columns: under another name the query around it may ask for rows by the key, or backwards.
 * https://www.sqlite.org/optoverview.html#subquery_flattening
 */
export function tableShown(
  { select, compounds = [], orderBy, limit, with: common }: Select,
  scope: Scope | null,
  emitter: Emitter,
): Relation | undefined {
  if (select.type !== 'SelectFrom' || compounds.length > 0) return undefined
  if (orderBy !== undefined || limit !== undefined || common !== undefined) return undefined
  const { from, columns, distinctness, groupBy = [], having } = select
  const relation = tableRead(from?.select, scope, emitter)
  if (relation?.kind !== 'table' || (from?.joins ?? []).length > 0) return undefined
  if (distinctness !== undefined || groupBy.length > 0 || having !== undefined) return undefined
  const results = columns.flatMap((each) => (each.type === 'ExprResultColumn' ? each.expr : []))
  const isRow = aggregatesIn(results).length === 0 && !hasWindow(results)
  const isKey = keyTest(relation)
  const named = columns.flatMap((each) => [...(columnsNamedIn(each) ?? rowidNames)])
  return isRow && !named.some(isKey) ? relation : undefined
}
