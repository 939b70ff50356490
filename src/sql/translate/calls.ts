import type { FunctionCallExpr, FunctionCallStarExpr } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { functions } from '../functions/functions.ts'
import { isKnownFunction } from '../functions/known.ts'
import type { FunctionCall, FunctionContext, SqlFunction } from '../functions/registry.ts'
import { refuseOuter } from './aggregate-level.ts'
import { equalityKey, sortKeys } from './comparison.ts'
import { toCondition, toDynamic, toInteger, toReal, toText, unify } from './convert.ts'
import { isDoubtful } from './doubtful-value.ts'
import type { Emitter } from './emitter.ts'
import { allConstant, type TypedExpression } from './expression.ts'
import { withLateLiterals } from './late-literals.ts'
import { integerLiteral } from './literals.ts'
import type { Scope } from './scope.ts'
import { orderTerms } from './order.ts'
import { sameEdges } from './range-edges.ts'
import { readingKeys } from './sources.ts'
import { overAdded, overClause } from './windows.ts'

type CallNode = FunctionCallExpr | FunctionCallStarExpr

export function call(node: CallNode, scope: Scope, emitter: Emitter): TypedExpression {
  const name = foldName(node.name.name)
  const nodes = (node.type === 'FunctionCallExpr' ? node.args : undefined) ?? []
  const entry = find(node, name, nodes.length, emitter)
  const over = node.filterOver?.overClause
  const inner = argumentScope(node, entry, over !== undefined, scope, emitter)
  const filter = node.filterOver?.filterClause
  const { result, read } = emitter.observe(() => ({
    args: withLateLiterals(
      name,
      nodes.map((each) => withType(emitter.value(each, inner))),
    ),
    condition: filter === undefined ? null : emitter.condition(filter, inner),
  }))
  const { args, condition } = result
  if (entry.kind === 'aggregate' && over === undefined) refuseOuter(node, scope, read, emitter)
  const isScalar = entry.kind === 'scalar'
  if (isScalar && (node.filterOver !== undefined || isDistinct(node))) {
    const message = isDistinct(node)
      ? `DISTINCT is not supported for ${name}()`
      : over === undefined
        ? `FILTER may not be used with non-aggregate ${name}()`
        : `${name}() may not be used as a window function`
    throw emitter.wrong(message, node.span.offset)
  }
  if (isDistinct(node) && nodes.length !== 1) {
    throw emitter.wrong('DISTINCT aggregates must have exactly one argument', node.span.offset)
  }
  if (isDistinct(node) && over !== undefined) {
    throw emitter.wrong('DISTINCT is not supported for window functions', node.span.offset)
  }
  if (filter !== undefined && entry.kind === 'window') {
    const message = 'FILTER clause may only be used with aggregate window functions'
    throw emitter.wrong(message, node.span.offset)
  }
  // PostgreSQL's FILTER reads no groups, which aggregates that leave out NULL can do without.
  const isOfGroups = condition !== null && over !== undefined && scope.grouping !== null
  if (isOfGroups && !LEAVES_NULL_OUT.test(name)) {
    throw emitter.unsupported(
      `FILTER of ${name}() over groups`,
      node.span.offset,
      'Filter in a subquery',
    )
  }
  const filterSql = condition === null || isOfGroups ? '' : ` FILTER (WHERE ${condition})`
  const overSql = over === undefined ? '' : overClause(over, { ...scope, windows: false }, emitter)
  const added = over && overAdded(over, { ...scope, windows: false }, emitter)
  const emitted = entry.emit(
    {
      name,
      args: isOfGroups ? filtered(args, condition) : args,
      star: node.type === 'FunctionCallStarExpr' && !isOfGroups,
      distinct: isDistinct(node),
      // A window has an order of its own.
      orderBy: orderOf(node, inner, emitter) ?? (over === undefined ? rowOrder(name, inner) : null),
      readingOrder: () => (over === undefined ? readingOrder(inner) : null),
      tail: filterSql + overSql,
      over: over !== undefined,
      addedTail: added === undefined ? undefined : filterSql + added,
      node,
    } satisfies FunctionCall,
    contextOf(node, emitter),
  )
  const edges = over && sameEdges(over, { ...scope, windows: false }, emitter)
  if (edges === undefined) return finished(emitted, entry, args)
  return finished({ ...emitted, sql: `(CASE WHEN ${edges} THEN ${emitted.sql} END)` }, entry, args)
}

/** Aggregates to which a NULL is no row. */
const LEAVES_NULL_OUT = /^(?:count|sum|total|avg|min|max|group_concat|string_agg)$/

/** The first argument where the condition holds, or a row at all where there is none. */
function filtered(args: readonly TypedExpression[], condition: string): readonly TypedExpression[] {
  const [first = integerLiteral(1n), ...rest] = args
  const sql = `(CASE WHEN ${condition} THEN ${first.sql} END)`
  const { embedded: _, ...facts } = first
  return [{ ...facts, sql, literal: undefined, constant: false, notNull: false }, ...rest]
}

/** PostgreSQL's polymorphic functions want to know what a NULL is of. */
function withType(argument: TypedExpression): TypedExpression {
  return argument.sql === 'NULL' ? { ...argument, sql: 'NULL::text' } : argument
}

function isDistinct(node: CallNode): boolean {
  return node.type === 'FunctionCallExpr' && node.distinctness === 'Distinct'
}

/** Computed once where no row has a part in it, so that an index can be used with it. */
function finished(
  emitted: TypedExpression,
  entry: SqlFunction,
  args: readonly TypedExpression[],
): TypedExpression {
  const volatility = entry.volatility ?? 'immutable'
  const constant = entry.kind === 'scalar' && volatility !== 'volatile' && allConstant(args)
  const sql = constant && volatility === 'stable' ? `(SELECT ${emitted.sql})` : emitted.sql
  return { ...emitted, sql, constant }
}

function find(node: CallNode, name: string, count: number, emitter: Emitter): SqlFunction {
  const entry = functions.find(name, count)
  const { offset } = node.span
  if (entry !== undefined) return entry
  if (functions.has(name)) {
    throw emitter.wrong(`wrong number of arguments to function ${node.name.name}()`, offset)
  }
  if (!isKnownFunction(name)) throw emitter.wrong(`no such function: ${node.name.name}`, offset)
  throw emitter.unsupported(`The function ${name}()`, offset, 'Compute it in the application')
}

/** Inside of an aggregate rows are read one by one; inside of a window function the query's groups are. */
function argumentScope(
  node: CallNode,
  entry: SqlFunction,
  over: boolean,
  scope: Scope,
  emitter: Emitter,
): Scope {
  const { name } = node.name
  if (entry.kind === 'scalar') return scope
  if (over) {
    if (scope.windows) return { ...scope, windows: false }
    throw emitter.wrong(`misuse of window function ${name}()`, node.span.offset)
  }
  if (entry.kind === 'window') {
    throw emitter.wrong(`misuse of window function ${name}()`, node.span.offset)
  }
  if (scope.aggregates) return { ...scope, grouping: null, aggregates: false, windows: false }
  throw emitter.wrong(`misuse of aggregate function ${name}()`, node.span.offset)
}

function orderOf(node: CallNode, scope: Scope, emitter: Emitter): string | null {
  const order = node.type === 'FunctionCallExpr' ? node.orderBy : undefined
  if (order === undefined) return null
  if (order.type === 'WithinGroupFunctionCallOrder') {
    throw emitter.unsupported('WITHIN GROUP', order.span.offset, 'Sort in a subquery')
  }
  // Where all terms are constants nothing is sorted.
  return orderTerms(order.columns, scope, emitter).join(', ') || null
}

/** Aggregates whose result depends on the order of the rows. */
const ORDERED = /^(?:group_concat|string_agg|jsonb?_group_(?:array|object))$/

/**
 * SQLite reads a table in the order of its rowid, or of its key where it has none; PostgreSQL in any order, and in
 * that of another aggregate's ORDER BY.
 */
function rowOrder(name: string, { sources }: Scope): string | null {
  const [source, second] = sources
  if (!ORDERED.test(name) || source === undefined || second !== undefined) return null
  return readingKeys(source)?.join(', ') ?? null
}

function readingOrder({ sources, isReadInOrder }: Scope): string | null {
  const keys = sources.map(readingKeys)
  return keys.length === 0 || keys.includes(null) || !isReadInOrder()
    ? null
    : keys.flat().join(', ')
}

function contextOf(node: CallNode, emitter: Emitter): FunctionContext {
  return {
    text: toText,
    integer: toInteger,
    real: toReal,
    dynamic: toDynamic,
    key: equalityKey,
    isDoubtful: (expression) => isDoubtful(expression, emitter),
    sortKeys,
    condition: toCondition,
    unify,
    unsupported: (construct, wayOut) => emitter.unsupported(construct, node.span.offset, wayOut),
    wrong: (message) => emitter.wrong(message, node.span.offset),
  }
}
