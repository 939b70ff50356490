import type { Expr, FunctionCallExpr, SelectFrom } from 'sqlite3-parser'
import type { UniqueKey } from '../catalog.ts'
import { functions } from '../functions/functions.ts'
import { foldName } from '../quote.ts'
import { groupKey } from './comparison.ts'
import { isDoubtful } from './doubtful-value.ts'
import { isSameWhereEqual, nativeOf } from './native.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { collationOfTerm, isFixed, ordinalOf } from './order.ts'
import { shownOfNoRow } from './of-no-row.ts'
import { firstOf, pickerOf, termPickerOf } from './picked.ts'
import { itemValue, type ResultItem } from './results.ts'
import type { Grouping, Scope, Source } from './scope.ts'
import { doubtfulSubtype } from './subtype.ts'
import { childExpressions } from './walk.ts'

export interface EmittedGrouping {
  readonly grouping: Grouping
  /** ` GROUP BY ...` or nothing. */
  readonly sql: string
}

/** Aggregates that belong to the query itself: those of subqueries, and with OVER, do not. */
export function aggregatesIn(nodes: readonly Expr[]): readonly FunctionCallExpr[] {
  const found: FunctionCallExpr[] = []
  const stack = nodes.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const aggregate = asAggregate(node)
    if (aggregate !== undefined) found.push(aggregate)
    else for (const child of childExpressions(node).toReversed()) stack.push(child)
  }
  return found
}

const NO_ARGUMENTS = {
  type: 'FunctionCallExpr',
  args: undefined,
  distinctness: undefined,
  orderBy: undefined,
} as const

function asAggregate(node: Expr): FunctionCallExpr | undefined {
  if (node.type !== 'FunctionCallExpr' && node.type !== 'FunctionCallStarExpr') return undefined
  if (node.filterOver?.overClause !== undefined) return undefined
  const count = node.type === 'FunctionCallExpr' ? (node.args?.length ?? 0) : 0
  if (functions.find(foldName(node.name.name), count)?.kind !== 'aggregate') return undefined
  return node.type === 'FunctionCallExpr' ? node : { ...node, ...NO_ARGUMENTS }
}

/**
 * How an aggregate query reads what is not aggregated. A GROUP BY term is itself; any other column is taken from
 * one row of the group: with min() or max() the row that has it, else the first.
 * https://www.sqlite.org/lang_select.html#bareagg
 */
export function emitGrouping(
  select: SelectFrom,
  items: readonly ResultItem[],
  aggregates: readonly FunctionCallExpr[],
  scope: Scope,
  emitter: Emitter,
): EmittedGrouping {
  const terms = (select.groupBy ?? []).map((node, index) =>
    groupTerm(node, index, items, scope, emitter),
  )
  const keys = new Map<string, TypedExpression>()
  const kinds = new Set<Expr['type']>()
  const values = terms.map(({ value }) => value)
  const picked = pickerOf(aggregates, values, scope, emitter)
  const ofTerm = termPickerOf(aggregates, scope, picked)
  const grouped = terms.length > 0
  for (const { value, kind } of terms) {
    if (kind !== null) kinds.add(kind)
    const own = groupKey(value)
    const native = nativeOf(value)
    const isOne = own === value.sql || (native !== undefined && isSameWhereEqual(native))
    const whole = isFixed(value) || isOne
    const shown = isDoubtful(value, emitter) ? ofTerm(value) : firstOf(value)
    const key = whole ? value : pickedValue(value, shown, grouped)
    keys.set(value.sql, { ...key, ...doubtfulSubtype(value) })
  }
  const rowids = new Set(values.map(({ sql }) => sql))
  const bare = (column: TypedExpression, source: Source | null): TypedExpression => {
    const { rowid, relation } = source ?? {}
    const isKeyed = relation?.kind === 'table' && relation.rowid?.hidden === false
    if (isKeyed && rowid != null && rowids.has(rowid.sql)) return column
    const isOne = column.constant || (source !== null && isOfOneRow(source, values))
    const shown = isOne ? firstOf(column) : picked(column)
    return pickedValue(column, grouped ? shown : shownOfNoRow(column, shown, select), grouped)
  }
  const list = Array.from(new Set(values.map(groupKey)))
  return { grouping: { keys, kinds, bare }, sql: grouped ? ` GROUP BY ${list.join(', ')}` : '' }
}

function groupTerm(
  node: Expr,
  index: number,
  items: readonly ResultItem[],
  scope: Scope,
  emitter: Emitter,
): { readonly value: TypedExpression; readonly kind: Expr['type'] | null } {
  const { offset } = node.span
  const ordinal = ordinalOf(node)
  if (ordinal === undefined) {
    checkNoAggregate(node, offset, emitter)
    return { value: emitter.value(node, scope), kind: kindOf(node, scope) }
  }
  const item = items[ordinal - 1]
  if (item === undefined) {
    const message = `${nth(index)} GROUP BY term out of range - should be between 1 and ${items.length}`
    throw emitter.wrong(message, offset)
  }
  if (item.node !== null) checkNoAggregate(item.node, offset, emitter)
  const collation = collationOfTerm(node)
  const own = itemValue(item, scope, emitter)
  const value = collation === undefined ? own : emitter.collate(own, collation)
  return { value, kind: item.node && kindOf(item.node, scope) }
}

function checkNoAggregate(node: Expr, offset: number, emitter: Emitter): void {
  if (aggregatesIn([node]).length === 0) return
  throw emitter.wrong('aggregate functions are not allowed in the GROUP BY clause', offset)
}

/** The kind of node to look for in the result; an alias stands for what it names. */
function kindOf(node: Expr, scope: Scope): Expr['type'] {
  if (node.type === 'ParenthesizedExpr' && node.exprs.length === 1 && node.exprs[0]) {
    return kindOf(node.exprs[0], scope)
  }
  if (node.type !== 'Id') return node.type
  const alias = scope.aliases.find(({ name }) => foldName(name) === foldName(node.name))
  return alias === undefined || alias.expr.type === 'Id' ? node.type : alias.expr.type
}

export function nth(index: number): string {
  const number = index + 1
  const tens = number % 100 >= 11 && number % 100 <= 13
  const ending = tens ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')
  return `${number}${ending}`
}

function pickedValue(value: TypedExpression, sql: string, grouped: boolean): TypedExpression {
  return { ...value, sql, notNull: grouped && value.notNull, constant: false, literal: undefined }
}

/** The groups are of one row of the source each, or of none. */
function isOfOneRow({ relation, columns }: Source, terms: readonly TypedExpression[]): boolean {
  const own = (name: string | null): TypedExpression | undefined =>
    columns.find((column) => column.name === name)?.expression
  const isGrouped = ({ column, collation }: UniqueKey['parts'][number]): boolean =>
    own(column)?.column?.notNull === true &&
    terms.some((term) => term.sql === own(column)?.sql && term.collation === collation)
  return (
    relation?.uniqueKeys.some((key) => key.where === null && key.parts.every(isGrouped)) === true
  )
}
