import type { Expr, FrameBound, FrameClause, Over, SortedColumn, Window } from 'sqlite3-parser'
import { foldName, quoteText } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { isFixed } from './order.ts'
import type { Scope } from './scope.ts'
import { windowText } from './windows.ts'

/**
 * A frame of `RANGE 1 PRECEDING` over REAL values holds the same rows on both; undefined where that is so anyway. SQLite adds the
 * distance to the earlier value, PostgreSQL takes it from the row's, and rounding may tell these apart for values at the
 * edge: windowCodeRangeTest of window.c. The nearest on either side of the edge speak for the others.
 */
export function sameEdges(over: Over, scope: Scope, emitter: Emitter): string | undefined {
  const named = over.type === 'NameOver' ? scope.windowNames.get(foldName(over.name.text)) : over
  const frame = named?.window.frameClause
  if (named === undefined || frame?.mode !== 'Range') return undefined
  const order = orderOf(named.window, scope)
  const edges = edgesOf(frame)
  if (order === undefined || edges.length === 0) return undefined
  const value = emitter.value(order.expr, scope)
  if (isFixed(value) || (value.type !== 'real' && value.type !== 'numeric')) return undefined
  const isFalling = order.order === 'Desc'
  const alike = edges.flatMap(({ bound, isEnd }) => {
    const operator = isEnd === isFalling ? '>=' : '<='
    const [plus, minus] = isFalling ? ['-', '+'] : ['+', '-']
    const distance = `(${emitter.value(bound.expr, scope).sql})::float8`
    return nearest(bound, frame).map(({ name, frameClause }) => {
      const window = windowText({ ...named.window, frameClause }, scope, emitter)
      const other = `${name}(${value.sql}) OVER (${window})`
      const [added, taken] = [`${other} ${plus} ${distance}`, `${value.sql} ${minus} ${distance}`]
      return `(${added} ${operator} ${value.sql}) IS NOT DISTINCT FROM (${other} ${operator} ${taken})`
    })
  })
  return `sqlite.require(${alike.join(' AND ')}, ${quoteText(refusal)})`
}

/** That of the window that it builds on where it has none itself. */
function orderOf({ orderBy, base }: Window, scope: Scope): SortedColumn | undefined {
  if (orderBy !== undefined && orderBy.length > 0) return orderBy[0]
  const found = base === undefined ? undefined : scope.windowNames.get(foldName(base.text))
  return found && orderOf(found.window, scope)
}

type Preceding = FrameBound & { readonly type: 'PrecedingFrameBound'; readonly expr: Expr }

function edgesOf({
  start,
  end,
}: FrameClause): readonly { readonly bound: Preceding; readonly isEnd: boolean }[] {
  return [start, end].flatMap((bound, index) =>
    bound?.type === 'PrecedingFrameBound' ? [{ bound, isEnd: index === 1 }] : [],
  )
}

/** The first row behind the edge, and the last one before it. */
function nearest(
  bound: Preceding,
  frame: FrameClause,
): readonly { readonly name: string; readonly frameClause: FrameClause }[] {
  const { span } = bound
  const [first, last] = [
    { type: 'UnboundedPrecedingFrameBound', span } as const,
    { type: 'CurrentRowFrameBound', span } as const,
  ]
  return [
    { name: 'first_value', frameClause: { ...frame, start: bound, end: last, exclude: undefined } },
    { name: 'last_value', frameClause: { ...frame, start: first, end: bound, exclude: undefined } },
  ]
}

const refusal =
  'A RANGE of PRECEDING over REAL values where rounding decides whether a row at its edge is in it. Order by whole numbers, as by CAST(round(price * 100) AS INTEGER), with the distance in these'
