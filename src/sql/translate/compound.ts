import type { Expr, FromClause, OneSelect, Select } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { collatedByFirst, combined, refuseLateCollation } from './compound-columns.ts'
import { castNames, unify } from './convert.ts'
import type { EmittedColumn, SelectText, Emitter, SelectOptions } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { sortTerms } from './order.ts'
import { nth } from './grouping.ts'
import { positionOf } from './result-order.ts'
import type { Scope } from './scope.ts'
import { emitCore } from './select-core.ts'
import { setOperation, WORDS } from './set-operations.ts'
import { settledArm } from './shown-text.ts'
import { readAsReal } from './real-affinity.ts'
import { asWritten, emittedColumn } from './results.ts'
import { derived, derivedSource } from './sources.ts'
import { writtenCollation } from './written-collation.ts'
import { emitValues } from './values.ts'

const NO_TAIL = { orderBy: undefined, limit: undefined }

export function emitOne(
  node: OneSelect,
  scope: Scope | null,
  emitter: Emitter,
  options: SelectOptions = {},
): SelectText {
  return node.type === 'SelectFrom'
    ? emitCore(node, NO_TAIL, scope, options, emitter)
    : emitValues(node, scope, options, emitter)
}

/** UNION, EXCEPT and INTERSECT, which all bind alike and from the left in SQLite. */
export function emitCompound(
  node: Select,
  scope: Scope | null,
  isSorted: boolean,
  emitter: Emitter,
): SelectText {
  const compounds = node.compounds ?? []
  if (compounds.length >= 500) {
    throw emitter.wrong('too many terms in compound SELECT', node.span.offset)
  }
  const first = emitOne(node.select, scope, emitter)
  const others = compounds.map(({ select, operator }) => {
    const arm = asArm(emitOne(select, scope, emitter))
    if (arm.columns.length === first.columns.length) return arm
    const words = `SELECTs to the left and right of ${WORDS[operator]}`
    throw emitter.wrong(
      `${words} do not have the same number of result columns`,
      select.span.offset,
    )
  })
  const arms = [first, ...others]
  const columns = combined(arms)
  refuseLateCollation(node, arms, columns, emitter)
  const isGivenSorted =
    node.orderBy !== undefined || compounds.some(({ operator }) => operator !== 'UnionAll')
  const shown = collatedByFirst(columns, first, isGivenSorted)
  const last = others.at(-1)?.columns ?? []
  if (isSortedApart(node)) {
    const outside = asSubquery(shown)
    const whole = asOne(node, arms, { columns, sorting: outside }, scope, isSorted, emitter)
    return asStar({ ...whole, columns: outside, last }, emitter)
  }
  const whole = asOne(node, arms, { columns, sorting: columns }, scope, isSorted, emitter)
  return { ...whole, columns: shown, last }
}

/** With a COLLATE in its ORDER BY SQLite makes `SELECT * FROM (...)` of it: convertCompoundSelectToSubquery of select.c */
function isSortedApart({ compounds = [], orderBy = [] }: Select): boolean {
  const isDistinct = compounds.some(({ operator }) => operator !== 'UnionAll')
  return isDistinct && orderBy.some(({ expr }) => writtenCollation(expr) !== undefined)
}

/** As `*` shows it: by the names that a query around it knows, and read as such a query reads it. */
function asStar(given: SelectText, emitter: Emitter): SelectText {
  const { last: _, ...read } = readAsReal(given, emitter)
  const { columns } = derivedSource(null, '', asWritten(read.columns))
  return {
    ...read,
    columns: read.columns.map((column, index) => {
      const { name } = columns[index] ?? column
      return { ...column, ...emittedColumn(name, column.sqlName, column.expression) }
    }),
  }
}

interface Whole {
  readonly columns: readonly EmittedColumn[]
  /** The columns as ORDER BY sees them. */
  readonly sorting: readonly EmittedColumn[]
}

/** Behind another SELECT SQLite puts VALUES of several SELECTs into a subquery. */
function asArm(arm: SelectText): SelectText {
  if (arm.arms === undefined) return arm
  const { arms: _, ...whole } = arm
  return { ...whole, columns: asSubquery(arm.columns) }
}

/** The columns of a query as those of one that reads it. */
function asSubquery(columns: readonly EmittedColumn[]): readonly EmittedColumn[] {
  return columns.map((own) => {
    const { guess: _, ...column } = own
    return { ...column, expression: { ...column.expression, collationFrom: 'column' } }
  })
}

/** The arms put together, and sorted. */
function asOne(
  node: Select,
  arms: readonly SelectText[],
  { columns, sorting }: Whole,
  scope: Scope | null,
  isSorted: boolean,
  emitter: Emitter,
): SelectText {
  const compounds = node.compounds ?? []
  const isDistinct = compounds.some(({ operator }) => operator !== 'UnionAll')
  const settled = isDistinct ? settledArms(node, arms, columns, scope, emitter) : arms
  const texts = settled.map((arm) => converted(arm, columns, emitter))
  const sql = compounds.reduce(
    (left, { operator }, index) =>
      setOperation(left, operator, texts[index + 1] as string, columns, emitter),
    texts[0] as string,
  )
  // Rows that were told apart come out of SQLite sorted, which shows where not all of them are read.
  if (node.orderBy === undefined && isDistinct && (isSorted || node.limit !== undefined)) {
    const alias = emitter.freshName('o')
    const terms = columns.flatMap(({ expression, sqlName }) =>
      sortTerms(derived(expression, `${alias}.${sqlName}`), { order: 'Asc', nulls: undefined }),
    )
    const text = `SELECT * FROM ${sql} AS ${alias} ORDER BY ${terms.join(', ')}`
    return { sql: text + emitter.limit(node.limit, scope), columns, order: 'none' }
  }
  return sorted(node, sql, arms, sorting, scope, emitter)
}

/** Of the right of EXCEPT and INTERSECT no row is shown. */
function settledArms(
  { select, compounds = [] }: Select,
  arms: readonly SelectText[],
  columns: readonly EmittedColumn[],
  scope: Scope | null,
  emitter: Emitter,
): readonly SelectText[] {
  return arms.map((arm, index) => {
    const { select: node, operator } = compounds[index - 1] ?? { select, operator: 'Union' }
    const isShown = operator === 'Union' || operator === 'UnionAll'
    return isShown ? settledArm(node, arm, columns, scope, emitter) : arm
  })
}

/** The arm with its columns of the whole's types; its text as it is where they are that already. */
export function converted(
  arm: SelectText,
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): string {
  const same = arm.columns.every(({ expression }, index) => {
    return expression.type === columns[index]?.expression.type
  })
  if (same) return `(${arm.sql})`
  const alias = emitter.freshName('u')
  const list = arm.columns.map(({ expression, sqlName }, index) => {
    const target = columns[index] as EmittedColumn
    const value = derived(expression, `${alias}.${sqlName}`)
    return `${convertedTo(value, target.expression)} AS ${target.sqlName}`
  })
  return `(SELECT ${list.join(', ')} FROM (${arm.sql}) AS ${alias})`
}

function convertedTo(value: TypedExpression, target: TypedExpression): string {
  if (value.type === target.type) return value.sql
  if (value.type === 'null') {
    return `NULL::${castNames[target.type]}`
  }
  return unify([value, typed('NULL::json', 'dynamic')]).sql[0] as string
}

/** ORDER BY of the whole can only name its columns: by position, name, or an arm's own expression. */
function sorted(
  node: Select,
  sql: string,
  arms: readonly SelectText[],
  columns: readonly EmittedColumn[],
  scope: Scope | null,
  emitter: Emitter,
): SelectText {
  const limit = emitter.limit(node.limit, scope)
  const result = { columns }
  if (node.orderBy === undefined) return { ...result, sql: sql + limit, order: 'none' }
  const alias = emitter.freshName('o')
  const { terms, positions } = compoundTerms(node, arms, columns, alias, emitter)
  const text = `SELECT * FROM ${sql} AS ${alias} ORDER BY ${terms.join(', ')}${limit}`
  const distinct = node.compounds?.at(-1)?.operator !== 'UnionAll'
  const total = distinct && columns.every((_, index) => positions.includes(index))
  return { ...result, sql: text, order: total ? 'total' : 'some' }
}

/** The terms of ORDER BY, and the columns that they tell apart. @param alias what stands before the columns' names */
export function compoundTerms(
  node: Select,
  arms: readonly SelectText[],
  columns: readonly EmittedColumn[],
  alias: string,
  emitter: Emitter,
): { readonly terms: readonly string[]; readonly positions: readonly number[] } {
  const positions: number[] = []
  const terms = (node.orderBy ?? []).flatMap((direction, index) => {
    const collate = direction.expr.type === 'CollateExpr' ? direction.expr : null
    const expr = collate?.expr ?? direction.expr
    const names = columns.map(({ name }) => ({ alias: name }))
    const position =
      positionOf(expr, index, names, emitter) ?? armPosition(expr, node, arms, emitter)
    const column = columns[position ?? -1]
    if (position === null || column === undefined) {
      const message = `${nth(index)} ORDER BY term does not match any column in the result set`
      throw emitter.wrong(message, expr.span.offset)
    }
    const value = derived(column.expression, `${alias}.${column.sqlName}`)
    const sorting = collate === null ? value : emitter.collate(value, collate)
    // Rows that another collation takes for one are ties.
    if (sorting.collation === value.collation) positions.push(position)
    return sortTerms(sorting, direction)
  })
  return { terms, positions }
}

/** A name or expression that an arm has in the same words, or a column that it has without its table's name. */
function armPosition(
  expr: Expr,
  { select, compounds = [] }: Select,
  arms: readonly SelectText[],
  { sql }: Emitter,
): number | null {
  const wordsOf = ({ span: { offset, length } }: Expr): string =>
    foldName(sql.slice(offset, offset + length).trim())
  const text = wordsOf(expr)
  const nodes = [select, ...compounds.map((each) => each.select)]
  for (const [index, arm] of arms.entries()) {
    const named = arm.columns.findIndex(({ name }) => foldName(name) === text)
    if (named >= 0) return named
    const node = nodes[index]
    if (node?.type !== 'SelectFrom') continue
    // Behind a `*` the places of the others are not those of the columns.
    if (node.columns.some(({ type }) => type !== 'ExprResultColumn')) continue
    const found = node.columns.findIndex(
      (column) =>
        column.type === 'ExprResultColumn' &&
        (wordsOf(column.expr) === text || isSameColumn(column.expr, expr, node.from)),
    )
    if (found >= 0) return found
  }
  return null
}

/** `b` of the one table `t` is `t.b`. */
function isSameColumn(own: Expr, expr: Expr, from: FromClause | undefined): boolean {
  if (own.type !== 'Id' || expr.type !== 'QualifiedExpr') return false
  const table = from?.select?.type === 'TableSelectTable' ? from.select : undefined
  if (table === undefined || (from?.joins?.length ?? 0) > 0) return false
  const name = table.alias?.name.text ?? table.tblName.objName.text
  return (
    foldName(name) === foldName(expr.table.text) &&
    foldName(own.name) === foldName(expr.column.text)
  )
}
