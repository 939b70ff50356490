import type { AstNode, Expr, Select, Stmt } from 'sqlite3-parser'
import type { Table } from '../schema/model.ts'
import { foldName } from '../sql/quote.ts'
import { descendants } from '../sql/translate/syntax.ts'
import { chanceIn } from './chance.ts'
import { orderedCall, permutesLetters, windowsOf } from './ordered-call.ts'
import { isUniqueOrder, keyedSourceOf, sortsByColumns } from './unique-order.ts'

/** How far its data decide what a query answers. */
export interface Decided {
  /** Why no two runs answer alike, so that there is nothing to compare: chance, time, the connection. Else null. */
  readonly undecided: string | null
  /** Why two right answers to the same data may differ inside of the query. Else null. */
  readonly loose: string | null
  /** Two right answers differ in columns that the query computes, and in no others; where `loose` says why. */
  readonly isLooseInColumns: boolean
  /** A text that the query computes may have its parts in any order. */
  readonly permutes: boolean
}

/**
 * What the text says of a query, without its outermost ORDER BY and LIMIT, which the comparison knows itself.
 * @param views the definitions of the views that it reads, which count as parts of it
 * @param tables those of the schema, whose keys say that no two rows tie
 */
export function decidedBy(
  statement: Stmt,
  views: readonly Stmt[] = [],
  tables: readonly Table[] = [],
): Decided {
  const body = statement.type === 'SelectStmt' ? statement.body : null
  const nodes = [statement, ...views].flatMap((each) => [...descendants(each)])
  // Which rows a LIMIT leaves makes no difference to whether there are any.
  const free = new Set<AstNode | null>([body])
  for (const node of nodes) if (node.type === 'ExistsExpr') free.add(node.select)
  const known = withoutCommonTables(nodes, tables)
  const found = nodes.flatMap((node) =>
    node.type === 'Select'
      ? loosePartsOf(node, known, { isOutermost: node === body, isLimitFree: free.has(node) })
      : [],
  )
  const [first] = found.filter(({ reach }) => reach !== 'letters')
  return {
    undecided: chanceIn([statement, ...views]),
    loose: first?.reason ?? null,
    isLooseInColumns: found.every(({ reach }) => reach !== 'rows'),
    permutes: found.some(({ reach }) => reach === 'letters'),
  }
}

/** A part that leaves a choice, and what of the answer it can change. */
interface LoosePart {
  readonly reason: string
  readonly reach: 'rows' | 'columns' | 'letters'
}

/** A common table hides the table of its name. */
function withoutCommonTables(nodes: readonly AstNode[], tables: readonly Table[]): Table[] {
  const hidden = new Set(
    nodes.flatMap((node) => (node.type === 'CommonTableExpr' ? foldName(node.tblName.text) : [])),
  )
  return tables.filter(({ name }) => !hidden.has(foldName(name)))
}

function loosePartsOf(
  select: Select,
  tables: readonly Table[],
  { isOutermost, isLimitFree }: { isOutermost: boolean; isLimitFree: boolean },
): LoosePart[] {
  const source = keyedSourceOf(select, tables)
  const parts: LoosePart[] = []
  const { limit, orderBy } = select
  if (limit !== undefined && !isLimitFree && !isUniqueOrder(orderBy ?? [], source, select)) {
    const why = orderBy === undefined ? 'without ORDER BY' : 'among ties'
    parts.push({ reason: `an inner LIMIT ${why}`, reach: 'rows' })
  }
  const columns = isOutermost ? columnsAlone(select) : []
  const direct = new Set<AstNode>(columns)
  const inColumns = new Set(columns.flatMap((column) => [...descendants(column)]))
  const windows = windowsOf(select)
  const own = descendants(select, (node) => node !== select && node.type === 'Select')
  for (const node of own) {
    const call = orderedCall(node, windows)
    if (call === null || isUniqueOrder(call.order, source)) continue
    const isPermuted = direct.has(node) && permutesLetters(node)
    const reach = isPermuted ? 'letters' : inColumns.has(node) ? 'columns' : 'rows'
    parts.push({ reason: `${call.name}() of rows in no certain order`, reach })
  }
  return parts
}

/** The columns of a SELECT where what they hold changes neither which rows there are nor how many. */
function columnsAlone(whole: Select): Expr[] {
  const { select, compounds, limit } = whole
  const isAlone =
    select.type === 'SelectFrom' &&
    select.distinctness !== 'Distinct' &&
    select.having === undefined &&
    (limit === undefined || sortsByColumns(whole)) &&
    (compounds?.length ?? 0) === 0
  if (!isAlone) return []
  return select.columns.flatMap((column) => (column.type === 'ExprResultColumn' ? column.expr : []))
}
