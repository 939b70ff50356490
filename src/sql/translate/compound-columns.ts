import type { Select } from 'sqlite3-parser'
import { columnType } from './convert.ts'
import type { EmittedColumn, EmittedSelect, Emitter, SelectText } from './emitter.ts'
import { isTextual, numbersOf, typed, type TypedExpression } from './expression.ts'
import { partsOf } from './mixed-affinity.ts'
import { emittedColumn } from './results.ts'
import { doubtfulSubtype } from './subtype.ts'

/**
 * The columns of the whole, as its own operations and its ORDER BY see them: named by the first arm, of the type that
 * all arms share, and of the collation of the first arm that has one. multiSelectCollSeq of select.c
 */
export function combined(arms: readonly SelectText[]): readonly EmittedColumn[] {
  const [first] = arms
  return (first?.columns ?? []).map((column, index) => {
    const values = arms.map((arm) => arm.columns[index]?.expression as TypedExpression)
    const type = columnType(values)
    const expression = typed(column.sqlName, type, {
      affinity: sharedAffinity(values),
      ...sharedCollation(values),
      notNull: values.every(({ notNull }) => notNull),
      ...numbersOf(type, values),
      ...partsOf(values),
      ...values.reduce((found, value) => ({ ...found, ...doubtfulSubtype(value) }), {}),
    })
    return emittedColumn(column.name, column.sqlName, expression, column.written)
  })
}

/** The first arm's that has one; none that would change values of another class. sqlite3SubqueryColumnTypes */
export function sharedAffinity(values: readonly TypedExpression[]): TypedExpression['affinity'] {
  const found = values.find(({ affinity }) => affinity !== 'none' && affinity !== 'blob')
  if (found === undefined) return values[0]?.affinity ?? 'none'
  const known = values.filter(({ type }) => type !== 'null')
  const mixed = known.some((value) => isTextual(value) !== isTextual(found))
  return mixed ? 'blob' : found.affinity
}

type CollationOf = Pick<TypedExpression, 'collation' | 'collationFrom'>

/** The first one that there is. */
export function sharedCollation(values: readonly TypedExpression[]): CollationOf {
  const found = values.find(({ collationFrom }) => collationFrom !== 'none')
  return collationOf(found ?? typed('NULL', 'null'))
}

function collationOf({ collation, collationFrom }: TypedExpression): CollationOf {
  return { collation, collationFrom }
}

/**
 * For a query around the whole the first arm alone says the collation. sqlite3SubqueryColumnTypes of select.c
 * @param isSorted the whole gives its rows sorted, by its own collations
 */
export function collatedByFirst(
  columns: readonly EmittedColumn[],
  first: SelectText | undefined,
  isSorted: boolean,
): readonly EmittedColumn[] {
  return columns.map((column, index) => {
    const own = first?.columns[index]?.expression
    if (own === undefined) return column
    const { collation, type } = column.expression
    const isText = type === 'text' || type === 'dynamic'
    const isMissorted = isSorted && isText && collation !== own.collation
    const facts = { ...collationOf(own), ...(isMissorted && { isMissorted }) }
    return { ...column, expression: { ...column.expression, ...facts } }
  })
}

/**
 * What a subquery is where it is an operand (IN, a row value, a scalar): of a compound the last arm says affinity and
 * collation, for the whole hangs on that one in SQLite. sqlite3ExprAffinity and sqlite3CodeRhsOfIN of expr.c
 */
export function operandColumns({
  columns,
  last,
}: Pick<EmittedSelect, 'columns' | 'last'>): readonly EmittedColumn[] {
  if (last === undefined) return columns
  return columns.map((column, index) => {
    const { expression } = column
    const own = last[index]?.expression
    if (own === undefined) return column
    const facts = { affinity: own.affinity, ...collationOf(own) }
    return { ...column, expression: { ...expression, ...facts } }
  })
}

/** Rows of arms that have no collation are told apart before an arm with one is read, which is not followed here. */
export function refuseLateCollation(
  { compounds = [] }: Select,
  arms: readonly SelectText[],
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): void {
  for (const [index, { operator }] of compounds.slice(0, -1).entries()) {
    if (operator === 'UnionAll') continue
    const early = combined(arms.slice(0, index + 2))
    const late = columns.some(({ expression: { type, collation } }, column) => {
      const known = early[column]?.expression.collation
      return (type === 'text' || type === 'dynamic') && collation !== known
    })
    if (!late) continue
    throw emitter.unsupported(
      'A collation of a later SELECT than those whose rows are told apart',
      compounds[index + 1]?.select.span.offset ?? 0,
      'Write COLLATE in the first SELECT',
    )
  }
}
