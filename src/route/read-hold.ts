import { isDeepStrictEqual } from 'node:util'
import type { Flags } from './flags.ts'
import type { Session } from './session.ts'

/** Keeps reads of this process where they are safe while the flags, which cannot be changed here, say otherwise. */
export interface ReadHold {
  /** Those in force, with the reads that are held. */
  flags(): Flags
  /** Lasts until the flags say something else of reads than now. */
  hold(reads: Flags['reads']): void
  isHeld(): boolean
  /** What is held wins over what the flags tell of the session's key. */
  readsOf(session: Pick<Session, 'reads'>): Flags['reads']
}

export function createReadHold(current: () => Flags): ReadHold {
  let held: { readonly from: Flags; readonly flags: Flags } | undefined
  const flags = (): Flags => {
    const now = current()
    if (held === undefined) return now
    if (held.from === now) return held.flags
    const { reads } = held.flags
    held = isDeepStrictEqual(held.from.reads, now.reads)
      ? { from: now, flags: { ...now, reads } }
      : undefined
    return held?.flags ?? now
  }
  return {
    flags,
    isHeld: () => flags() !== current(),
    readsOf(session) {
      const now = flags()
      const own = session.reads()
      return own === null || held !== undefined ? now.reads : own
    },
    hold(reads) {
      const from = current()
      held = { from, flags: { ...from, reads } }
    },
  }
}
