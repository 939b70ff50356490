import type { JoinedSelectTable } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { compare } from './comparison.ts'
import { unified } from './convert.ts'
import type { EmittedFrom, Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { createScope, type Scope, type Source } from './scope.ts'
import { canMerge, fullJoin, keyedJoin, mergesOn } from './full-join.ts'
import { nullableSource } from './sources.ts'

/** The bits of the parser's JoinType. */
const CROSS = 2
const NATURAL = 4
const LEFT = 8
const RIGHT = 16

interface JoinKind {
  /** By that word, which keeps SQLite from another order. */
  readonly isCross: boolean
  readonly isLeft: boolean
  readonly isRight: boolean
  readonly isNatural: boolean
}

/** LEFT and RIGHT both for a FULL JOIN. */
export function kindOf({ operator }: Pick<JoinedSelectTable, 'operator'>): JoinKind {
  const type = operator.type === 'CommaJoinOperator' ? 0 : (operator.joinType ?? 0)
  return {
    isCross: (type & CROSS) !== 0,
    isLeft: (type & LEFT) !== 0,
    isRight: (type & RIGHT) !== 0,
    isNatural: (type & NATURAL) !== 0,
  }
}

export function joined(
  left: EmittedFrom,
  right: EmittedFrom,
  node: JoinedSelectTable,
  parent: Scope | null,
  emitter: Emitter,
): EmittedFrom {
  const { isLeft, isRight, isNatural } = kindOf(node)
  const outer = isLeft || isRight
  const names = sharedNames(left, right, node, isNatural, emitter)
  const pairs = names.map((name) => pairOf(name, left, right, node, emitter))
  const using = new Map([
    ...(left.using ?? []),
    ...pairs.map(({ name, left: a, right: b }) => [name, isRight ? either(a, b) : a] as const),
  ])
  const merged = new Map(pairs.map((pair) => [pair.name, shownOf(pair, { isLeft, isRight })]))
  const conditions = pairs.map((pair) => compare(pair.left, '=', pair.right).sql)
  if (node.constraint?.type === 'OnJoinConstraint') {
    const scope = createScope(parent, { sources: [...left.sources, ...right.sources] })
    conditions.push(emitter.filter(node.constraint.expr, scope))
  }
  const kind = isLeft && isRight ? 'FULL' : isLeft ? 'LEFT' : 'RIGHT'
  const on = conditions.length === 0 ? 'TRUE' : conditions.join(' AND ')
  const inner = conditions.length === 0 ? 'CROSS JOIN' : 'JOIN'
  const operator = outer ? `${kind} JOIN` : inner
  const condition = outer || conditions.length > 0 ? ` ON ${on}` : ''
  const text = (a: string, b: string): string => `${a} ${operator} ${b}${condition}`
  const isFull =
    isLeft && isRight && !pairs.some(canMerge) && !mergesOn(node, left, right, parent, emitter)
  const sources = [
    ...left.sources.map((source) => (isRight ? nullableSource(source) : source)),
    ...right.sources.map((source) =>
      mergedSource(isLeft ? nullableSource(source) : source, merged, isLeft && isRight),
    ),
  ]
  if (isFull) return { ...fullJoin(left, right, on, node, emitter), sources, using }
  const keyed = left.keyed && right.keyed && keyedJoin(left.keyed, right.keyed, text)
  return { sql: text(left.sql, right.sql), sources, using, ...(keyed && { keyed }) }
}

function mergedSource(
  source: Source,
  merged: ReadonlyMap<string, TypedExpression>,
  full: boolean,
): Source {
  if (merged.size === 0) return source
  const own = Array.from(merged, ([name, value]) => {
    return [name, full ? { ...value, notNull: false } : value] as const
  })
  return { ...source, merged: new Map([...source.merged, ...own]) }
}

/** What the name alone means: lookupName of SQLite's resolve.c. */
function shownOf(
  { shown, right }: Pair,
  { isLeft, isRight }: Pick<JoinKind, 'isLeft' | 'isRight'>,
): TypedExpression {
  if (!isRight) return shown
  return isLeft ? either(shown, right) : right
}

function either(left: TypedExpression, right: TypedExpression): TypedExpression {
  const { collation, collationFrom, affinity } = left
  const value = unified([left, right], (sql) => `coalesce(${sql.join(', ')})`)
  return { ...value, collation, collationFrom, affinity }
}

/** The folded names of USING, or the names that both sides have. */
function sharedNames(
  left: EmittedFrom,
  right: EmittedFrom,
  node: JoinedSelectTable,
  natural: boolean,
  emitter: Emitter,
): readonly string[] {
  const { constraint } = node
  if (natural) {
    if (constraint !== undefined) {
      throw emitter.wrong('a NATURAL join may not have an ON or USING clause', node.span.offset)
    }
    const known = new Set(namesOf(left))
    return Array.from(new Set(namesOf(right))).filter((name) => known.has(name))
  }
  if (constraint?.type !== 'UsingJoinConstraint') return []
  return constraint.columns.map(({ text }) => foldName(text))
}

function namesOf(from: EmittedFrom): string[] {
  return from.sources.flatMap(({ columns }) => columns.map(({ name }) => foldName(name)))
}

interface Pair {
  readonly name: string
  /** What is compared. */
  readonly left: TypedExpression
  /** What the name means on the left alone. */
  readonly shown: TypedExpression
  readonly right: TypedExpression
}

function pairOf(
  name: string,
  left: EmittedFrom,
  right: EmittedFrom,
  node: JoinedSelectTable,
  emitter: Emitter,
): Pair {
  const sides = [left, right].map((side) => find(name, side, node, emitter))
  const [a, b] = sides
  if (a !== undefined && b !== undefined)
    return { name, left: left.using?.get(name) ?? a, shown: a, right: b }
  const message = `cannot join using column ${name} - column not present in both tables`
  throw emitter.wrong(message, node.span.offset)
}

/** The column of the leftmost table that has it, or what it was merged into. */
function find(
  name: string,
  { sources }: EmittedFrom,
  node: JoinedSelectTable,
  emitter: Emitter,
): TypedExpression | undefined {
  let found: TypedExpression | undefined
  for (const source of sources) {
    const column = source.columns.find((each) => foldName(each.name) === name)
    if (column === undefined) continue
    const merged = source.merged.get(name)
    if (found !== undefined && merged === undefined) {
      throw emitter.wrong(`ambiguous reference to ${name} in USING()`, node.span.offset)
    }
    found = merged ?? column.expression
  }
  return found
}
