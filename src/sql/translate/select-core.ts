import { distinctNames } from './distinct-names.ts'
import type { Expr, FromClause, Limit, SelectFrom, SortedColumn } from 'sqlite3-parser'
import type { RelationColumn } from '../catalog.ts'
import { foldName } from '../quote.ts'
import { isDoubtful } from './doubtful-value.ts'
import { distinctSelect } from './distinct.ts'
import type { EmittedColumn, EmittedFrom, SelectText, Emitter, SelectOptions } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { aggregatesIn, emitGrouping } from './grouping.ts'
import { leanFrom } from './lean-from.ts'
import { sortTerms } from './order.ts'
import { guessedClasses } from './guessed-classes.ts'
import { isReadInOrder } from './read-in-order.ts'
import { isCast, readsClass } from './real-affinity.ts'
import { resultOrder, sortedBy, type OrderTerm } from './result-order.ts'
import {
  aliasesOf,
  asShown,
  emittedColumn,
  itemValue,
  resultItems,
  sqlNames,
  type ResultItem,
} from './results.ts'
import { createScope, type NamedWindow, type Scope } from './scope.ts'
import { doubtfulSource } from './sources.ts'
import { storedAs } from './stored-select.ts'
import { withoutRows } from './of-no-row.ts'
import { windowClause } from './windows.ts'

export interface Tail {
  readonly orderBy: readonly SortedColumn[] | undefined
  readonly limit: Limit | undefined
}

/** One SELECT ... FROM, with the ORDER BY and LIMIT that belong to it alone. */
export function emitCore(
  select: SelectFrom,
  tail: Tail,
  parent: Scope | null,
  options: SelectOptions,
  emitter: Emitter,
): SelectText {
  const from = select.from === undefined ? null : readFrom(select, select.from, parent, emitter)
  const windowNames = windowNamesOf(select, emitter)
  const { orderBy = [] } = tail
  const base = createScope(parent, {
    sources: from?.sources ?? [],
    windowNames,
    isReadInOrder: (within = [], sources) =>
      isReadInOrder({ node: select, orderBy, within, sources }, parent, emitter),
  })
  const aliased: Scope = { ...base, aliases: aliasesOf(select.columns) }
  checkCount(select.columns.length, select, options, emitter)
  const items = resultItems(select.columns, base, emitter)
  checkCount(items.length, select, options, emitter)
  const where = whereOf(select, aliased, emitter)
  const aggregates = aggregatesOf(select, tail, items)
  const isGrouped = (select.groupBy?.length ?? 0) > 0
  const isAggregate = isGrouped || aggregates.length > 0
  if (!isGrouped && aggregatesIn(nodesOf(items)).length === 0)
    checkUngrouped(select, orderBy, emitter)
  const group = isAggregate ? emitGrouping(select, items, aggregates, aliased, emitter) : null
  const results: Scope = {
    ...base,
    grouping: group?.grouping ?? null,
    aggregates: true,
    windows: true,
  }
  // Where every aggregate is folded away (`NULL * count(*)`) the rows still are one group.
  const isOneGroup = isAggregate && !isGrouped
  const whole = isOneGroup ? ' HAVING TRUE' : ''
  const having = havingOf(select, { ...results, aliases: aliased.aliases, windows: false }, emitter)
  const emitted = columnsOf(items, results, options, emitter)
  const isRun = isAggregate || orderBy.length > 0 || tail.limit !== undefined
  const columns = withoutRows(emitted, select, base, isRun)
  const terms = sortedBy(
    tail.orderBy,
    items,
    columns,
    { ...results, aliases: aliased.aliases },
    emitter,
  )
  const body =
    (from === null ? '' : ` FROM ${from.sql}`) +
    counted(where, base, options) +
    (group?.sql ?? '') +
    (having ?? whole) +
    windowClause(select.windowClause ?? [], { ...results, windows: false }, emitter)
  const order = resultOrder(terms, base, isOneGroup, select, columns)
  const limit = emitter.limit(tail.limit, parent)
  // SQLite leaves DISTINCT out of EXISTS, which shows where a LIMIT with OFFSET takes the rows.
  if (select.distinctness === 'Distinct' && !isOneGroup && options.exists !== true) {
    const parts = { columns, body, terms, limit, select, orderBy }
    return { ...distinctSelect(parts, base, emitter), order }
  }
  const { counter } = options
  const count = counter && `, ${stepOf(base, counter.sqlName)} + 1 AS ${counter.sqlName}`
  const place = options.placed ? placeOf(base, columns, emitter) : undefined
  const behind = (count ?? '') + (place === undefined ? '' : `, ${place.sql} AS ${place.name}`)
  const given = shown(columns, options, isAggregate)
  const list = options.exists === true ? '1' : columnList(given) + behind
  const text = `SELECT ${list}${body}${orderClause(terms)}${limit}`
  const sql = leanFrom(text, base.sources)
  return { sql, columns: given, order, ...(place && { place: place.name }) }
}

function havingOf({ having }: SelectFrom, scope: Scope, emitter: Emitter): string | undefined {
  return having === undefined ? undefined : ` HAVING ${emitter.condition(having, scope)}`
}

function whereOf({ whereClause }: SelectFrom, scope: Scope, emitter: Emitter): string {
  return whereClause === undefined ? '' : ` WHERE ${emitter.filter(whereClause, scope)}`
}

/** SQLITE_MAX_COLUMN, and PostgreSQL's own limit. https://www.postgresql.org/docs/current/limits.html */
const maxColumns = { sqlite: 2000, postgres: 1664 } as const

function checkCount(
  count: number,
  { span: { offset } }: SelectFrom,
  { exists }: SelectOptions,
  emitter: Emitter,
): void {
  if (count > maxColumns.sqlite) throw emitter.wrong('too many columns in result set', offset)
  if (count <= maxColumns.postgres || exists === true) return
  const construct = `A query of more than ${maxColumns.postgres} columns`
  throw emitter.unsupported(construct, offset, 'Read the columns in several queries')
}

/** Groups and windows are made of records, which SQLite may or may not read a value from that was JSON. */
function readFrom(
  select: SelectFrom,
  node: FromClause,
  parent: Scope | null,
  emitter: Emitter,
): EmittedFrom {
  const from = emitter.from(node, parent)
  const { offset, length } = select.span
  const isGrouped = (select.groupBy?.length ?? 0) > 0
  if (!isGrouped && !/\bover\b/i.test(emitter.sql.slice(offset, offset + length))) return from
  return { ...from, sources: from.sources.map(doubtfulSource) }
}

/** The rowid under a name of our own, where it makes a difference which row comes first. */
function placeOf(
  { sources }: Scope,
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): { readonly sql: string; readonly name: string } | undefined {
  const sql = sources[0]?.rowid?.sql
  const isShown = columns.some(({ expression }) => isDoubtful(expression, emitter))
  return sql === undefined || !isShown ? undefined : { sql, name: emitter.freshName('place') }
}

/** A group has no more than the terms that it is made of. */
function shown(
  columns: readonly EmittedColumn[],
  options: SelectOptions,
  isAggregate: boolean,
): readonly EmittedColumn[] {
  return options.shown === true && !isAggregate ? asShown(columns) : columns
}

export function columnList(columns: readonly EmittedColumn[]): string {
  return columns.map(({ expression, sqlName }) => `${expression.sql} AS ${sqlName}`).join(', ')
}

export function orderClause(terms: readonly OrderTerm[]): string {
  const texts = terms.flatMap(({ value, direction }) => sortTerms(value, direction))
  return texts.length === 0 ? '' : ` ORDER BY ${texts.join(', ')}`
}

function windowNamesOf(select: SelectFrom, emitter: Emitter): Scope['windowNames'] {
  const names = new Map<string, NamedWindow>()
  for (const { name, window } of select.windowClause ?? []) {
    if (names.has(foldName(name.text))) {
      throw emitter.unsupported('Two windows of one name', name.span.offset, 'Name them apart')
    }
    names.set(foldName(name.text), { sqlName: emitter.freshName('w'), window })
  }
  return names
}

function nodesOf(items: readonly ResultItem[]): readonly Expr[] {
  return items.flatMap(({ node }) => node ?? [])
}

function aggregatesOf(
  select: SelectFrom,
  tail: Tail,
  items: readonly ResultItem[],
): ReturnType<typeof aggregatesIn> {
  const results = nodesOf(items)
  const having = select.having === undefined ? [] : [select.having]
  const order = (tail.orderBy ?? []).map(({ expr }) => expr)
  return aggregatesIn([...results, ...having, ...order])
}

/** An aggregate in HAVING or ORDER BY alone does not make it one query of groups, but where nothing is read. */
function checkUngrouped(
  { having, from }: SelectFrom,
  orderBy: readonly SortedColumn[],
  emitter: Emitter,
): void {
  if (having !== undefined) {
    throw emitter.wrong('HAVING clause on a non-aggregate query', having.span.offset)
  }
  const [sorting] = aggregatesIn(orderBy.map(({ expr }) => expr))
  if (sorting === undefined || from?.select === undefined) return
  throw emitter.wrong(`misuse of aggregate: ${sorting.name.name}()`, sorting.span.offset)
}

function columnsOf(
  items: readonly ResultItem[],
  scope: Scope,
  options: SelectOptions,
  emitter: Emitter,
): readonly EmittedColumn[] {
  const names = sqlNames(distinctNames(items.map(({ name }) => name)))
  const store = storedAs(options, items.length)
  return items.map((item, index) => {
    const own = stored(item, store?.[index], scope, emitter)
    const value = options.embedded === true ? { ...own, sql: own.embedded ?? own.sql } : own
    const column = emittedColumn(item.name, names[index] as string, value, item.written)
    const { node } = item
    if (node === null) return column
    const facts = scope.grouping === null &&
      readsClass(node, scope, emitter) && { readsClass: true as const }
    return {
      ...column,
      expression: { ...column.expression, ...facts },
      guess: () => guessedClasses(node, scope, emitter),
      isCast: isCast(node),
    }
  })
}

/** The value as it is, or as the column takes it that it goes into. */
function stored(
  item: ResultItem,
  column: RelationColumn | undefined,
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  if (column === undefined) return itemValue(item, scope, emitter)
  if (item.node !== null && emitter.parameterOf(item.node) !== undefined) {
    const sql = emitter.store(item.node, column, scope)
    return { ...itemValue(item, scope, emitter), sql }
  }
  const value = itemValue(item, scope, emitter)
  return { ...value, sql: emitter.storeTyped(value, column, item.offset) }
}

/** The condition under which a counted recursion goes on. */
function counted(where: string, base: Scope, { counter }: SelectOptions): string {
  if (counter === undefined) return where
  const condition = `${stepOf(base, counter.sqlName)} < ${counter.limit}`
  return `${where === '' ? ' WHERE ' : `${where} AND `}${condition}`
}

function stepOf({ sources }: Scope, sqlName: string): string {
  return `${sources[0]?.sqlName ?? ''}.${sqlName}`
}
