import type { Expr, FrameBound, FrameClause, Over, Window, WindowDef } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { equalityKey } from './comparison.ts'
import type { Emitter } from './emitter.ts'
import { measuredTerms } from './measured.ts'
import { orderTerms } from './order.ts'
import type { Scope } from './scope.ts'

/** ` OVER ...` with its leading blank. */
export function overClause(over: Over, scope: Scope, emitter: Emitter): string {
  if (over.type === 'NameOver') return ` OVER ${windowName(over.name, scope, emitter)}`
  return ` OVER (${windowText(over.window, scope, emitter)})`
}

/**
 * ` OVER ...` of all rows that have come into the frame so far, those that have left it again included. Undefined where
 * none leaves it, and with EXCLUDE, for which SQLite reads the frame of each row anew.
 */
export function overAdded(over: Over, scope: Scope, emitter: Emitter): string | undefined {
  const named = over.type === 'NameOver' ? scope.windowNames.get(foldName(over.name.text)) : over
  const frame = named?.window.frameClause
  if (named === undefined || frame === undefined) return undefined
  const { start, exclude } = frame
  if (start.type === 'UnboundedPrecedingFrameBound' || exclude !== undefined) return undefined
  const first = { ...start, type: 'UnboundedPrecedingFrameBound' } as const
  const window = { ...named.window, frameClause: { ...frame, start: first } }
  return ` OVER (${windowText(window, scope, emitter)})`
}

function windowName(
  name: { readonly text: string; readonly span: { readonly offset: number } },
  scope: Scope,
  emitter: Emitter,
): string {
  const found = scope.windowNames.get(foldName(name.text))
  if (found !== undefined) return found.sqlName
  throw emitter.wrong(`no such window: ${name.text}`, name.span.offset)
}

/** ` WINDOW ...` or nothing. A window may build on one before it. */
export function windowClause(
  definitions: readonly WindowDef[],
  scope: Scope,
  emitter: Emitter,
): string {
  if (definitions.length === 0) return ''
  const texts = definitions.map(({ name, window }) => {
    return `${windowName(name, scope, emitter)} AS (${windowText(window, scope, emitter)})`
  })
  return ` WINDOW ${texts.join(', ')}`
}

/** What stands between the parentheses of OVER. */
export function windowText(window: Window, scope: Scope, emitter: Emitter): string {
  const { base, partitionBy, orderBy, frameClause } = window
  const parts: string[] = []
  if (base !== undefined) parts.push(windowName(base, scope, emitter))
  if (partitionBy !== undefined && partitionBy.length > 0) {
    const keys = partitionBy.map((each) => equalityKey(emitter.value(each, scope)))
    parts.push(`PARTITION BY ${keys.join(', ')}`)
  }
  if (orderBy !== undefined && orderBy.length > 0) {
    const measured = measuredTerms(window, scope, emitter)
    const terms = measured ?? orderTerms(orderBy, scope, emitter)
    // A constant sorts nothing, but a frame by RANGE or GROUPS must have an order.
    parts.push(`ORDER BY ${terms.length === 0 ? '(NULL::text)' : terms.join(', ')}`)
  }
  const isOrdered = base !== undefined || (orderBy !== undefined && orderBy.length > 0)
  if (frameClause?.mode === 'Groups' && !isOrdered) parts.push('ORDER BY (NULL::text)')
  if (frameClause !== undefined) parts.push(frameText(frameClause, scope, emitter))
  return parts.join(' ')
}

const MODES = { Groups: 'GROUPS', Range: 'RANGE', Rows: 'ROWS' } as const

const EXCLUDES = {
  NoOthers: '',
  CurrentRow: ' EXCLUDE CURRENT ROW',
  Group: ' EXCLUDE GROUP',
  Ties: ' EXCLUDE TIES',
} as const

/** Of the kinds of bounds that may end a frame before it begins: sqlite3WindowAlloc of window.c */
function checkOrder({ start, end, span }: FrameClause, emitter: Emitter): void {
  const last = end?.type ?? 'CurrentRowFrameBound'
  const isBackward =
    (start.type === 'CurrentRowFrameBound' && last === 'PrecedingFrameBound') ||
    (start.type === 'FollowingFrameBound' &&
      (last === 'PrecedingFrameBound' || last === 'CurrentRowFrameBound'))
  if (isBackward) throw emitter.wrong('unsupported frame specification', span.offset)
}

function frameText(frame: FrameClause, scope: Scope, emitter: Emitter): string {
  checkOrder(frame, emitter)
  const start = boundText(frame.start, frame, scope, emitter)
  const exclude = frame.exclude === undefined ? '' : EXCLUDES[frame.exclude]
  if (frame.end === undefined) return `${MODES[frame.mode]} ${start}${exclude}`
  const end = boundText(frame.end, frame, scope, emitter)
  return `${MODES[frame.mode]} BETWEEN ${start} AND ${end}${exclude}`
}

function boundText(bound: FrameBound, frame: FrameClause, scope: Scope, emitter: Emitter): string {
  switch (bound.type) {
    case 'CurrentRowFrameBound':
      return 'CURRENT ROW'
    case 'UnboundedPrecedingFrameBound':
      return 'UNBOUNDED PRECEDING'
    case 'UnboundedFollowingFrameBound':
      return 'UNBOUNDED FOLLOWING'
    case 'PrecedingFrameBound':
      return `${distance(bound.expr, frame, scope, emitter)} PRECEDING`
    case 'FollowingFrameBound':
      return `${distance(bound.expr, frame, scope, emitter)} FOLLOWING`
    default:
      return bound satisfies never
  }
}

/** A number of rows or groups, or with RANGE a distance between values, which may be a fraction. */
function distance(node: Expr, frame: FrameClause, scope: Scope, emitter: Emitter): string {
  const value = emitter.value(node, scope)
  const isWhole = typeof value.literal === 'bigint' && value.literal >= 0n
  if (isWhole || (value.type === 'integer' && value.constant)) return value.sql
  if (frame.mode === 'Range' && typeof value.literal === 'number' && value.literal >= 0) {
    return value.sql
  }
  throw emitter.unsupported(
    'A frame whose distance is no whole number',
    node.span.offset,
    'Write the distance as a number',
  )
}
