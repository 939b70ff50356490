import type {
  CommonTableExpr,
  Expr,
  Name,
  OneSelect,
  ResultColumn,
  Select,
  SelectFrom,
  SelectTable,
  SortedColumn,
} from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { foldName } from '../quote.ts'
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
  if (common !== undefined) return node
  const relation = onlyTable(select, scope, emitter)
  if (relation === undefined) return { ...node, select: overInOrder(select, scope, emitter) }
  const isDistinct = select.distinctness === 'Distinct'
  const key = keyOf(relation, select)
  const [rowid] = key
  if (!isDistinct) return rowid === undefined ? node : { ...node, orderBy: key }
  if (rowid === undefined || relation.rowid === null) return node
  const { columns } = emitter.select(node, scope)
  // Of texts that a collation takes for the same, DISTINCT gives the first and GROUP BY any.
  const isExact = columns.every(({ expression }) => expression.collation === 'BINARY')
  return isExact ? byFirst(node, select, rowid.expr) : node
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

/** A query over no more than another one gives its rows as they come from there. */
function overInOrder(select: SelectFrom, scope: Scope | null, emitter: Emitter): SelectFrom {
  const { from } = select
  const table = onlySource(select)
  if (from === undefined || table?.type !== 'SelectSelectTable') return select
  const inner = inReadingOrder(table.select, scope, emitter)
  return { ...select, from: { ...from, select: { ...table, select: inner } } }
}

/** Of the common tables those, by their folded names, in whose order the rows of a query come that reads nothing else. */
export function tablesInOrder(
  { select }: Select,
  ctes: readonly CommonTableExpr[],
  found: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const table = select.type === 'SelectFrom' ? onlySource(select) : undefined
  if (table?.type === 'SelectSelectTable') return tablesInOrder(table.select, ctes, found)
  if (table?.type !== 'TableSelectTable') return found
  const name = foldName(table.tblName.objName.text)
  const cte = ctes.find(({ tblName }) => foldName(tblName.text) === name)
  if (cte === undefined || found.has(name)) return found
  return tablesInOrder(cte.select, ctes, new Set([...found, name]))
}

function onlySource({ from }: SelectFrom): SelectTable | undefined {
  return from?.joins?.length ? undefined : from?.select
}

/** The only table that the query reads. */
function onlyTable(
  select: SelectFrom,
  scope: Scope | null,
  { catalog }: Emitter,
): Relation | undefined {
  const table = onlySource(select)
  if (table?.type !== 'TableSelectTable') return undefined
  const name = table.tblName
  if (commonTable(name, scope) !== undefined) return undefined
  const relation = catalog.relation(name.objName.text)
  return relation?.kind === 'table' ? relation : undefined
}

/** By its rowid, or by its key where it is WITHOUT ROWID; nothing for a table whose rowid is on SQLite alone. */
function keyOf(relation: Relation, select: SelectFrom): SortedColumn[] {
  const { span } = select
  const table = onlySource(select)
  if (table?.type !== 'TableSelectTable') return []
  const own = table.alias?.name.text ?? table.tblName.objName.text
  const sorted = (column: string, order?: 'Desc'): SortedColumn => {
    const names = { table: named(own, span), column: named(column, span) }
    return { ...term({ type: 'QualifiedExpr', schema: undefined, ...names, span }), order }
  }
  if (relation.rowid !== null) return [sorted(relation.rowid.column)]
  const primary = relation.uniqueKeys.find(({ isPrimary }) => isPrimary)
  if (relation.withoutRowid !== true || primary === undefined) return []
  return primary.parts.flatMap(({ column, descending }) =>
    column === null ? [] : sorted(column, descending === true ? 'Desc' : undefined),
  )
}

function named(text: string, span: Expr['span']): Name {
  return { type: 'Name', text, span }
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
