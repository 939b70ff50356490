import type { CommonTableExpr, FromClause, OneSelect, Select, SelectFrom } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { collatedByFirst, combined } from './compound-columns.ts'
import { emitOne } from './compound.ts'
import type { EmittedColumn, Emitter, SelectOptions, SelectText } from './emitter.ts'
import { kindOf } from './joins.ts'
import { checkRecursiveArm } from './recursive-arm.ts'
import { collationOf, exact, named, selfTable, widened } from './recursive-columns.ts'
import { queuedTable, type RecursiveParts } from './recursive-queue.ts'
import { asWritten } from './results.ts'
import { createScope, type Scope } from './scope.ts'

/** An arm behind the first one reads the table itself. */
export function isRecursive({ tblName, select }: CommonTableExpr): boolean {
  return (select.compounds ?? []).some((arm) => mentions(arm.select, tblName.text))
}

function mentions(select: OneSelect, name: string): boolean {
  return select.type === 'SelectFrom' && count(select.from, foldName(name)) > 0
}

function count(from: FromClause | undefined, name: string): number {
  const terms = [from?.select, ...(from?.joins ?? []).map(({ table }) => table)]
  return terms.reduce((sum, term) => {
    if (term?.type === 'SubSelectTable') return sum + count(term.from, name)
    if (term?.type === 'SelectSelectTable') return sum + countInSelect(term.select, name)
    const isSelf = term?.type === 'TableSelectTable' && foldName(term.tblName.objName.text) === name
    return sum + (isSelf ? 1 : 0)
  }, 0)
}

function countInSelect({ select, compounds }: Select, name: string): number {
  const parts = [select, ...(compounds ?? []).map((each) => each.select)]
  return parts.reduce(
    (sum, part) => sum + (part.type === 'SelectFrom' ? count(part.from, name) : 0),
    0,
  )
}

interface Recursion {
  readonly sql: string
  readonly columns: readonly EmittedColumn[]
}

/** https://www.sqlite.org/lang_with.html#recursive_common_table_expressions */
export function recursiveTable(
  cte: CommonTableExpr,
  sqlName: string,
  scope: Scope,
  emitter: Emitter,
): Recursion {
  const { select, tblName } = cte
  const { start, recursive, union } = shapeOf(cte, emitter)
  const inner = emitter.with(select.with, scope)
  const base = createScope(inner.scope)
  const initial = initialArms(select, start, base, emitter)
  const isQueued =
    recursive.length > 1 || needsQueue(select, recursive, union, tblName.text, emitter)
  const counter = isQueued ? null : counterOf(select, emitter)
  const unnamed = asWritten(collatedByFirst(combined(initial), initial[0], false))
  let columns = named(cte, unnamed, emitter)
  // What the recursive arms give may widen a column's class, which may widen what they give.
  for (let round = 0; round < 4; round += 1) {
    const table = selfTable(tblName.text, sqlName, columns)
    const inside = { ...base, commonTables: [table] }
    const options = counter === null ? {} : { counter }
    const arms = recursive.map((each) => emitOne(each, inside, emitter, options))
    let wider = columns
    for (const arm of arms) wider = widened(wider, arm, select, emitter)
    const isWide = wider.every(({ expression: { type, affinity } }, index) => {
      const known = columns[index]?.expression
      return type === known?.type && affinity === known.affinity
    })
    columns = wider
    if (!isWide) continue
    const parts = { columns, initial, arms, union, sqlName, with: inner.sql }
    if (!isQueued && !(union === 'UNION' && isStrange(parts)))
      return finish(parts, counter, emitter)
    const sorts = { select, first: unnamed, all: armsOf(select, start, base, arms, emitter) }
    return { columns, sql: queuedTable(parts, sorts, emitter) }
  }
  throw emitter.unsupported('This recursion', select.span.offset, 'Cast its columns to one type')
}

interface Shape {
  /** The first recursive arm's place behind the first arm. */
  readonly start: number
  readonly recursive: readonly OneSelect[]
  readonly union: 'UNION' | 'UNION ALL'
}

/** The arms at the end that are put together in one way and read the table are the recursive ones. */
function shapeOf({ select, tblName }: CommonTableExpr, emitter: Emitter): Shape {
  const compounds = select.compounds ?? []
  const name = foldName(tblName.text)
  const operator = compounds.at(-1)?.operator
  const isOwn = (arm: (typeof compounds)[number]): boolean =>
    arm.operator === operator && mentions(arm.select, name)
  const start = compounds.findLastIndex((arm) => !isOwn(arm)) + 1
  const isCircular = compounds.slice(0, start).some((arm) => mentions(arm.select, name))
  if (isCircular || (operator !== 'Union' && operator !== 'UnionAll')) {
    throw emitter.wrong(`circular reference: ${tblName.text}`, select.span.offset)
  }
  const recursive = compounds.slice(start).map((arm) => arm.select)
  for (const arm of recursive) {
    if (arm.type === 'SelectFrom') checkRecursiveArm(arm, name, count(arm.from, name), emitter)
  }
  return { start, recursive, union: operator === 'Union' ? 'UNION' : 'UNION ALL' }
}

/** What PostgreSQL's recursion, which takes all rows of a round at once, does not do as SQLite's queue does. */
function needsQueue(
  select: Select,
  [arm]: readonly OneSelect[],
  union: Shape['union'],
  name: string,
  emitter: Emitter,
): boolean {
  if (arm?.type !== 'SelectFrom' || select.orderBy !== undefined) return true
  if (arm.distinctness === 'Distinct' || isOptional(arm.from, foldName(name), emitter)) return true
  return select.limit !== undefined && !(union === 'UNION ALL' && isLinear(select, arm))
}

/**
 * An outer join may give a row of NULLs in place of the table's. Behind one SQLite reads the table before the
 * others all the same, and fails of most conditions.
 */
function isOptional(from: FromClause | undefined, name: string, emitter: Emitter): boolean {
  if (from === undefined) return false
  const { joins = [] } = from
  const at = joins.findIndex(({ table }) => {
    return count({ ...from, select: table, joins: undefined }, name) > 0
  })
  const outer = joins.find((join, index) => {
    const { isLeft, isRight } = kindOf(join)
    return index >= at && (isRight || (isLeft && index === at))
  })
  if (outer === undefined || at < 0) return outer !== undefined
  const construct = 'An outer join with the recursive table on its right'
  throw emitter.unsupported(construct, outer.table.span.offset, 'Name the recursive table first')
}

/** The arms in the order of the text, whose names ORDER BY may say. */
function armsOf(
  { select, compounds = [] }: Select,
  start: number,
  scope: Scope,
  recursive: readonly SelectText[],
  emitter: Emitter,
): readonly SelectText[] {
  const first = [select, ...compounds.slice(0, start).map((each) => each.select)]
  return [...first.map((each) => emitOne(each, scope, emitter)), ...recursive]
}

function initialArms(
  select: Select,
  start: number,
  scope: Scope,
  emitter: Emitter,
): readonly SelectText[] {
  const others = (select.compounds ?? []).slice(0, start)
  if (others.some(({ operator }) => operator !== 'UnionAll')) {
    const head: Select = { ...select, with: undefined, compounds: others, limit: undefined }
    return [emitter.select(head, scope)]
  }
  return [select.select, ...others.map((each) => each.select)].map((each) =>
    emitOne(each, scope, emitter),
  )
}

/**
 * LIMIT inside stops the recursion. Rows can be counted where each gives at most one: from a single first row,
 * reading nothing but the table itself. Then the n-th row is the n-th step.
 */
function isLinear({ limit, select: first, compounds }: Select, recursive: SelectFrom): boolean {
  const oneFirst =
    compounds?.length === 1 &&
    (first.type === 'SelectValues' ? first.values.length === 1 : !first.from)
  const { from } = recursive
  const readsItself = from?.joins === undefined && from?.select?.type === 'TableSelectTable'
  return oneFirst && readsItself && limit?.offset === undefined
}

type Counter = NonNullable<SelectOptions['counter']>

function counterOf({ limit }: Select, emitter: Emitter): Counter | null {
  const text = emitter.limit(limit, null).replace(' LIMIT ', '')
  if (text === '') return null
  return { sqlName: emitter.freshName('n'), limit: `coalesce(${text}, 9223372036854775807)` }
}

function isStrange({ columns, initial, arms }: RecursiveParts): boolean {
  return columns.some(({ expression }, index) => {
    const { collation } = collationOf(expression, [...initial, ...arms], index)
    return expression.type === 'dynamic' || collation !== 'BINARY'
  })
}

function finish(
  { initial, arms, columns, sqlName, union, with: common }: RecursiveParts,
  counter: Counter | null,
  emitter: Emitter,
): Recursion {
  const names = columns.map((column) => column.sqlName)
  const first = initial.map((each) => exact(each, columns, counter && ', 1::bigint', emitter))
  const start = first.length > 1 ? `(${first.join(' UNION ALL ')})` : (first[0] ?? '')
  const held = counter === null ? '' : ` WHERE 1 <= ${counter.limit}`
  const more = counter && `, ${counter.sqlName}`
  const next = arms.map((arm) => exact(arm, columns, more, emitter)).join('')
  const list = counter === null ? names : [...names, counter.sqlName]
  const body = `${start}${held} ${union} ${next}`
  return { sql: `${sqlName} (${list.join(', ')}) AS (${common}${body})`, columns }
}
