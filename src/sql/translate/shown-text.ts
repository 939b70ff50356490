import type { Expr, OneSelect, SelectFrom } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { foldName, quoteText } from '../quote.ts'
import { equalityKey } from './comparison.ts'
import type { EmittedColumn, Emitter, SelectText } from './emitter.ts'
import { aggregatesIn } from './grouping.ts'
import { kindOf } from './joins.ts'
import { inReadingOrder } from './reading-order.ts'
import { rowidNames } from './rowid-names.ts'
import type { Scope } from './scope.ts'
import { commonTable, derived } from './sources.ts'
import { columnsNamedIn } from './syntax.ts'

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
  if (!columns.some((column) => isDoubtful(column, emitter))) return arm
  const isOneTable = node.distinctness !== 'Distinct' && (node.from.joins?.length ?? 0) === 0
  if (isOneTable && isReadInOrder(node, [], scope, emitter)) {
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
    if (!isDoubtful(columns[index] as EmittedColumn, emitter)) return []
    const text = `${value.sql}::text COLLATE "C"`
    const over = `OVER (PARTITION BY ${keys})`
    return `min(${text}) ${over} IS NOT DISTINCT FROM max(${text}) ${over}`
  })
  const marked = `SELECT *, ${alike.join(' AND ')} AS ${same} FROM (${rows}) AS ${alias}`
  return `(${marked}) AS ${alias} WHERE sqlite.require(${alias}.${same}, ${quoteText(refusal)})`
}

const refusal =
  'Values that are equal and not the same, of which SQLite shows the one that it reads first. Say which you want: lower(), or min() and GROUP BY'

/** Equal values of it need not be the same: it is of a type and collation for which they may differ, and of no unique key. */
export function isDoubtful({ expression, sqlName }: EmittedColumn, { catalog }: Emitter): boolean {
  const { constant, literal, column, collation } = expression
  if (constant || literal !== undefined) return false
  if (equalityKey({ ...expression, sql: sqlName }) === sqlName) return false
  if (expression.type === 'null') return false
  const keys = catalog.relation(column?.table ?? '')?.uniqueKeys ?? []
  return !keys.some(({ parts, where }) => {
    const [part, second] = parts
    const isOwn = part?.column === column?.name && part?.collation === collation
    return isOwn && second === undefined && where === null
  })
}

/**
 * It reads its tables in the order of their rowids or keys, the first of them outermost: no index has a column that the query
 * names, and the joins are of the kinds that SQLite leaves in their order.
 */
export function isReadInOrder(
  node: SelectFrom,
  orderBy: readonly Expr[],
  scope: Scope | null,
  emitter: Emitter,
): boolean {
  const { from, groupBy, columns, whereClause } = node
  const results = columns.flatMap((each) => (each.type === 'ExprResultColumn' ? [each.expr] : []))
  if ((groupBy?.length ?? 0) > 0 || aggregatesIn(results).length > 0) return false
  const joins = from?.joins ?? []
  const areKept = joins.every((join) => {
    const { isCross, isLeft, isRight } = kindOf(join)
    // A LEFT JOIN is an inner one to SQLite where WHERE takes no row of NULLs.
    return isCross || (isLeft && !isRight && whereClause === undefined)
  })
  if (!areKept) return false
  return [from?.select, ...joins.map(({ table }) => table)].every((table) => {
    if (table?.type !== 'TableSelectTable' || commonTable(table.tblName, scope) !== undefined)
      return false
    const relation = emitter.catalog.relation(table.tblName.objName.text)
    if (relation?.indexes === undefined) return false
    const isSorted = relation.rowid !== null || relation.withoutRowid === true
    return isSorted && !mayUseIndex(node, orderBy, relation)
  })
}

function mayUseIndex(
  node: SelectFrom,
  orderBy: readonly Expr[],
  { indexes = [], rowid }: Relation,
): boolean {
  const sorted = orderBy.flatMap((expr) => [...(columnsNamedIn(expr) ?? [])])
  // Backwards by the rowid, for one.
  const keys = [...rowidNames, foldName(rowid?.column ?? '')]
  if (sorted.some((name) => keys.includes(name))) return true
  const own = columnsNamedIn(node)
  const isNamed = (column: string | null): boolean =>
    column === null || own === null || [...own, ...sorted].includes(foldName(column))
  return indexes.some(({ columns }) => columns.some(isNamed))
}
