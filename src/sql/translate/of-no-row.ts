import type { SelectFrom } from 'sqlite3-parser'
import { quoteText } from '../quote.ts'
import type { EmittedColumn } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { kindOf } from './joins.ts'
import { rowCount } from './picked.ts'
import type { Scope } from './scope.ts'
import { descendants } from './syntax.ts'

/**
 * A subquery that neither groups, sorts nor leaves out rows is not run by SQLite: the query around it reads its tables, and
 * what its columns are made of. Of no rows an aggregate query then shows a constant as it is, where the column of a
 * subquery that is run is NULL. https://www.sqlite.org/optoverview.html#subquery_flattening
 * @param isRun the subquery groups, sorts, or has a LIMIT
 */
export function withoutRows(
  columns: readonly EmittedColumn[],
  select: SelectFrom,
  { sources }: Scope,
  isRun: boolean,
): readonly EmittedColumn[] {
  const isDistinct = select.distinctness === 'Distinct'
  const isFlat = !isRun && !isDistinct && select.from !== undefined && !hasWindow(select)
  const own = new Set(
    sources.flatMap((each) => each.columns.map(({ expression }) => expression.sql)),
  )
  for (const { rowid } of sources) if (rowid !== null) own.add(rowid.sql)
  return columns.map((column) => {
    const { ofNoRow: inner, ...facts } = column.expression
    if (!isFlat || facts.type === 'null') return { ...column, expression: facts }
    if (own.has(facts.sql)) return column
    const ofNoRow = facts.constant && !joinsRight(select) ? facts.sql : null
    return inner === null && ofNoRow === null
      ? column
      : { ...column, expression: { ...facts, ofNoRow } }
  })
}

/** What an aggregate query without GROUP BY shows of such a column. @param shown where there are rows */
export function shownOfNoRow(value: TypedExpression, shown: string, select: SelectFrom): string {
  const { ofNoRow } = value
  if (ofNoRow === undefined) return shown
  const isRow = `${rowCount(value)} > 0`
  if (ofNoRow !== null && !joinsRight(select))
    return `(CASE WHEN ${isRow} THEN ${shown} ELSE ${ofNoRow} END)`
  return `(CASE WHEN sqlite.require(${isRow}, ${quoteText(refusal)}) THEN ${shown} END)`
}

const refusal =
  'A computed column of a subquery beside an aggregate of no rows, which SQLite shows or not as its plan has it. Use max() or min()'

function hasWindow({ columns }: SelectFrom): boolean {
  return columns.some((column) =>
    [...descendants(column)].some(
      (node) =>
        (node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr') &&
        node.filterOver?.overClause !== undefined,
    ),
  )
}

function joinsRight({ from }: SelectFrom): boolean {
  return (from?.joins ?? []).some((join) => kindOf(join).isRight)
}
