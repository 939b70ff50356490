import type { Line } from './application.ts'

/** What is known of each operation that was begun, in the order of the operations. */
export type Fate = 'acknowledged' | 'failed' | 'unknown'
export type History = Map<number, Fate>

/**
 * A refusal says that nothing happened; a lost connection says nothing, and neither does a process that
 * died in the middle.
 */
const doubtful = new Set(['POSTGRES_UNREACHABLE', 'ACK_UNCONFIRMED'])

export function historyOf(lines: readonly Line[], into: History = new Map()): History {
  for (const { begin, ack, fail, code = '' } of lines) {
    if (begin !== undefined) into.set(begin, 'unknown')
    if (ack !== undefined) into.set(ack, 'acknowledged')
    if (fail !== undefined) into.set(fail, doubtful.has(code) ? 'unknown' : 'failed')
  }
  return into
}
