import type { ResultColumn, Select } from 'sqlite3-parser'
import type { Emitter } from './emitter.ts'
import type { Scope } from './scope.ts'
import { commonTable } from './sources.ts'
import { descendants } from './syntax.ts'

/**
 * A query of one table without ORDER BY, with the one that SQLite mostly follows by itself: the rowid's. No
 * order is promised, but rows that are inserted are given their rowids in it, and PostgreSQL's own changes
 * with every UPDATE.
 */
export function inReadingOrder(node: Select, scope: Scope | null, emitter: Emitter): Select {
  const { select, compounds, orderBy } = node
  if (orderBy !== undefined || (compounds?.length ?? 0) > 0) return node
  if (select.type !== 'SelectFrom' || select.distinctness === 'Distinct') return node
  const grouped = select.groupBy ?? select.having ?? select.windowClause
  const { from } = select
  const table = from?.select
  if (grouped || from?.joins?.length || table?.type !== 'TableSelectTable') return node
  const name = table.tblName
  if (node.with !== undefined || commonTable(name, scope) !== undefined) return node
  const relation = emitter.catalog.relation(name.objName.text)
  if (relation?.kind !== 'table' || relation.rowid === null) return node
  if (select.columns.some(isAggregate)) return node
  const { span } = node
  const own = table.alias?.name.text ?? name.objName.text
  const expr = {
    type: 'QualifiedExpr',
    schema: undefined,
    table: { type: 'Name', text: own, span },
    column: { type: 'Name', text: relation.rowid.column, span },
    span,
  } as const
  const term = { type: 'SortedColumn', expr, order: undefined, nulls: undefined, span } as const
  return { ...node, orderBy: [term] }
}

const aggregates =
  /^(?:avg|count|group_concat|json_group_\w+|max|median|min|percentile\w*|string_agg|sum|total)$/i

/** Such a query has one row. `max(a, b)` is none, and keeps the order that it has. */
function isAggregate(node: ResultColumn): boolean {
  return [...descendants(node)].some(
    (each) =>
      each.type === 'FunctionCallStarExpr' ||
      (each.type === 'FunctionCallExpr' && aggregates.test(each.name.name)),
  )
}
