import type {
  Expr,
  OneSelect,
  ResultColumn,
  Select,
  SelectFrom,
  SortedColumn,
} from 'sqlite3-parser'
import type { Emitter } from './emitter.ts'
import type { Scope } from './scope.ts'
import { commonTable } from './sources.ts'
import { descendants } from './syntax.ts'
import { hasWindow } from './walk.ts'

/**
 * A query without ORDER BY, with the order in which SQLite mostly gives its rows: that of the rowid, of the
 * groups, or of all columns of a UNION. No order is promised, but rows that are inserted are given their
 * rowids in it, and PostgreSQL's own order changes with every UPDATE and every plan.
 */
export function inReadingOrder(node: Select, scope: Scope | null, emitter: Emitter): Select {
  const { select, compounds, orderBy, with: common } = node
  if (orderBy !== undefined) return node
  const last = compounds?.at(-1)
  if (last !== undefined) return last.operator === 'UnionAll' ? node : byPositions(node)
  if (select.type !== 'SelectFrom' || hasWindow(resultsOf(select))) return node
  const grouped = select.groupBy ?? []
  if (grouped.length > 0) return { ...node, orderBy: grouped.map((expr) => term(expr)) }
  if (select.having !== undefined || select.columns.some(isAggregate)) return node
  const rowid = common === undefined ? rowidOf(select, scope, emitter) : undefined
  if (rowid === undefined) return node
  if (select.distinctness !== 'Distinct') return { ...node, orderBy: [term(rowid)] }
  const { columns } = emitter.select(node, scope)
  // Of texts that a collation takes for the same, DISTINCT gives the first and GROUP BY any.
  const isExact = columns.every(({ expression }) => expression.collation === 'BINARY')
  return isExact ? byFirst(node, select, rowid) : node
}

function resultsOf({ columns }: SelectFrom): readonly Expr[] {
  return columns.flatMap((each) => (each.type === 'ExprResultColumn' ? each.expr : []))
}

/** A row of DISTINCT comes where the first one like it is. */
function byFirst(node: Select, select: SelectFrom, rowid: Expr): Select {
  const groupBy = resultsOf(select)
  if (groupBy.length < select.columns.length) return node
  const { span } = node
  const first: Expr = {
    type: 'FunctionCallExpr',
    name: { type: 'Id', name: 'min', span },
    distinctness: undefined,
    args: [rowid],
    orderBy: undefined,
    filterOver: undefined,
    span,
  }
  return {
    ...node,
    select: { ...select, distinctness: undefined, groupBy },
    orderBy: [term(first)],
  }
}

function byPositions(node: Select): Select {
  const count = widthOf(node.select)
  if (count === undefined) return node
  const orderBy = Array.from({ length: count }, (_, index) =>
    term({ type: 'NumericLiteral', value: String(index + 1), span: node.span }),
  )
  return { ...node, orderBy }
}

function widthOf(select: OneSelect): number | undefined {
  if (select.type === 'SelectValues') return select.values[0]?.values.length
  const stars = select.columns.some(({ type }) => type !== 'ExprResultColumn')
  return stars ? undefined : select.columns.length
}

function term(expr: Expr): SortedColumn {
  return { type: 'SortedColumn', expr, order: undefined, nulls: undefined, span: expr.span }
}

/** The rowid of the only table that the query reads. */
function rowidOf(
  { from, span }: SelectFrom,
  scope: Scope | null,
  emitter: Emitter,
): Expr | undefined {
  const table = from?.select
  if (from?.joins?.length || table?.type !== 'TableSelectTable') return undefined
  const name = table.tblName
  if (commonTable(name, scope) !== undefined) return undefined
  const relation = emitter.catalog.relation(name.objName.text)
  if (relation?.kind !== 'table' || relation.rowid === null) return undefined
  const own = table.alias?.name.text ?? name.objName.text
  return {
    type: 'QualifiedExpr',
    schema: undefined,
    table: { type: 'Name', text: own, span },
    column: { type: 'Name', text: relation.rowid.column, span },
    span,
  }
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
