import type { Select } from 'sqlite3-parser'
import { columnType } from './convert.ts'
import type { EmittedColumn, EmittedSelect, Emitter, SelectText } from './emitter.ts'
import { numbersOf, typed, type TypedExpression } from './expression.ts'
import { classesOf, type GuessedClass } from './guessed-classes.ts'
import { partsOf } from './mixed-affinity.ts'
import { emittedColumn } from './results.ts'
import { doubtfulSubtype } from './subtype.ts'

/**
 * The columns of the whole, as its own operations and its ORDER BY see them: named by the first arm, of the type that
 * all arms share, and of the collation of the first arm that has one. multiSelectCollSeq of select.c
 */
export function combined(given: readonly Arm[]): readonly EmittedColumn[] {
  const arms = flattened(given)
  const [first] = arms
  return (first?.columns ?? []).map((column, index) => {
    const columns = arms.map((arm) => arm.columns[index] as EmittedColumn)
    const values = columns.map(({ expression }) => expression)
    const type = columnType(values)
    const expression = typed(column.sqlName, type, {
      affinity: sharedAffinity(columns),
      ...sharedCollation(values),
      notNull: values.every(({ notNull }) => notNull),
      ...numbersOf(type, values),
      ...partsOf(values),
      ...(values.some(({ readsClass }) => readsClass) && { readsClass: true }),
      ...values.reduce((found, value) => ({ ...found, ...doubtfulSubtype(value) }), {}),
    })
    const whole = emittedColumn(column.name, column.sqlName, expression, column.written)
    return { ...whole, ...sharedGuess(columns), isCast: column.isCast === true }
  })
}

type Arm = Pick<SelectText, 'columns' | 'arms'>

/** To a compound that begins with VALUES of several SELECTs these are the first ones of its own. */
function flattened([first, ...others]: readonly Arm[]): readonly Arm[] {
  return first === undefined ? [] : [...(first.arms ?? [first]), ...others]
}

/** The first arm's that has one; none where another arm may have values of a class that it would change. sqlite3SubqueryColumnTypes of select.c */
export function sharedAffinity(columns: readonly EmittedColumn[]): TypedExpression['affinity'] {
  const found = columns.find(({ expression }) => expression.affinity !== 'none')
  if (found === undefined) return 'none'
  const { affinity } = found.expression
  if (affinity === 'blob') return 'blob'
  const strange = affinity === 'text' ? 'number' : 'text'
  const others = columns.filter((column) => column !== found)
  if (others.some((column) => guessOf(column).includes(strange))) return 'blob'
  // Of a CAST it is SQLite's FLEXNUM, by which values are compared and not read.
  return affinity === 'real' && others.length > 0 && columns[0]?.isCast === true
    ? 'numeric'
    : affinity
}

/** Of the columns that are one. */
export function sharedGuess(columns: readonly EmittedColumn[]): Pick<EmittedColumn, 'guess'> {
  return { guess: () => columns.flatMap(guessOf) }
}

function guessOf({ guess, expression }: EmittedColumn): readonly GuessedClass[] {
  return guess === undefined ? classesOf(expression) : guess()
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
  first: Arm | undefined,
  isSorted: boolean,
): readonly EmittedColumn[] {
  return columns.map((column, index) => {
    const own = (first?.arms?.[0] ?? first)?.columns[index]?.expression
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
  return columns.map((column, index) => {
    // No comparison with an operand gets into the parts of a compound.
    const { parts: _, ...expression } = column.expression
    const own = last?.[index]?.expression
    const facts = own && { affinity: own.affinity, ...collationOf(own) }
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
