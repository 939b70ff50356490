import type { FromClause, OneSelect, SelectFrom, SortedColumn } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { quoteText } from '../quote.ts'
import { equalityKey } from './comparison.ts'
import { isDoubtful } from './doubtful-value.ts'
import type { EmittedColumn, Emitter, SelectText } from './emitter.ts'
import { aggregatesIn } from './grouping.ts'
import { isReadInOrder } from './read-in-order.ts'
import { keyTest } from './rowid-names.ts'
import { inReadingOrder } from './reading-order.ts'
import type { Scope } from './scope.ts'
import { derived } from './sources.ts'
import { columnsNamedIn } from './syntax.ts'
import { hasWindow } from './walk.ts'

/**
 * Of values that are equal and not the same (texts under NOCASE, 1 and 1.0) SQLite shows the one that it reads first,
 * and an index or another order of joins may make that another one. So an arm of a UNION, of which one row is kept for
 * all that are equal, is read in the one order that there is, or else must have none of them, which the server sees.
 * @param whole the columns of the whole, by which rows are told apart
 */
export function settledArm(
  node: OneSelect,
  arm: SelectText,
  whole: readonly EmittedColumn[],
  scope: Scope | null,
  emitter: Emitter,
): SelectText {
  // Rows that are written down come in the order of the text.
  if (node.type === 'SelectValues' || node.from === undefined) return arm
  const columns = arm.columns.map((column, index) => {
    const { collation } = whole[index]?.expression ?? column.expression
    return { ...column, expression: { ...column.expression, collation } }
  })
  if (!columns.some((column) => isDoubtful(column.expression, emitter))) return arm
  const isOneTable = node.distinctness !== 'Distinct' && (node.from.joins?.length ?? 0) === 0
  if (isOneTable && isGivenInOrder(node, [], scope, emitter)) {
    const rest = { with: undefined, compounds: undefined, orderBy: undefined, limit: undefined }
    const select = { type: 'Select', select: node, ...rest, span: node.span } as const
    const ordered = inReadingOrder(select, scope, emitter)
    if (ordered.orderBy !== undefined) return emitter.select(ordered, scope)
  }
  const list = columns.map(({ sqlName }) => sqlName).join(', ')
  return { ...arm, sql: `SELECT ${list} FROM ${withoutAlikes(arm.sql, columns, emitter)}` }
}

/** The rows, of which the server refuses those that are equal and not the same; more columns stand behind theirs. */
export function withoutAlikes(
  rows: string,
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): string {
  const [alias, same] = [emitter.freshName('a'), emitter.freshName('same')]
  const inner = columns.map(({ expression, sqlName }) => ({
    ...derived(expression, `${alias}.${sqlName}`),
  }))
  const keys = inner.map(equalityKey).join(', ')
  const alike = inner.flatMap((value, index) => {
    if (!isDoubtful((columns[index] as EmittedColumn).expression, emitter)) return []
    const text = `${value.sql}::text COLLATE "C"`
    const over = `OVER (PARTITION BY ${keys})`
    return `min(${text}) ${over} IS NOT DISTINCT FROM max(${text}) ${over}`
  })
  const marked = `SELECT *, ${alike.join(' AND ')} AS ${same} FROM (${rows}) AS ${alias}`
  return `(${marked}) AS ${alias} WHERE sqlite.require(${alias}.${same}, ${quoteText(refusal)})`
}

const refusal =
  'Values that are equal and not the same, of which SQLite shows the one that it reads first. Say which you want: lower(), or min() and GROUP BY'

/** It reads its tables in order, and gives its rows as it reads them; an ORDER BY of the rowid may read them backwards. */
export function isGivenInOrder(
  node: SelectFrom,
  orderBy: readonly SortedColumn[],
  scope: Scope | null,
  emitter: Emitter,
): boolean {
  const { from, groupBy, columns } = node
  const results = columns.flatMap((each) => (each.type === 'ExprResultColumn' ? [each.expr] : []))
  if ((groupBy?.length ?? 0) > 0 || aggregatesIn(results).length > 0) return false
  if (hasWindow(results)) return false
  const sorted = orderBy.flatMap(({ expr }) => [...(columnsNamedIn(expr) ?? [])])
  const isBackwards = tablesOf(from, emitter).some((table) => sorted.some(keyTest(table)))
  return !isBackwards && isReadInOrder({ node, orderBy, within: [] }, scope, emitter)
}

function tablesOf(from: FromClause | undefined, { catalog }: Emitter): readonly Relation[] {
  const terms = [from?.select, ...(from?.joins ?? []).map(({ table }) => table)]
  return terms.flatMap((term) =>
    term?.type === 'TableSelectTable' ? (catalog.relation(term.tblName.objName.text) ?? []) : [],
  )
}
