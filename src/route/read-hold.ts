import { isDeepStrictEqual } from 'node:util'
import type { Flags } from './flags.ts'

/** Keeps reads of this process where they are safe while the flags, which cannot be changed here, say otherwise. */
export interface ReadHold {
  /** Those in force, with the reads that are held. */
  flags(): Flags
  /** Lasts until the flags say something else of reads than now. */
  hold(reads: Flags['reads']): void
}

export function createReadHold(current: () => Flags): ReadHold {
  let held: { readonly from: Flags; readonly flags: Flags } | undefined
  return {
    flags() {
      const flags = current()
      if (held === undefined) return flags
      if (held.from === flags) return held.flags
      const { reads } = held.flags
      held = isDeepStrictEqual(held.from.reads, flags.reads)
        ? { from: flags, flags: { ...flags, reads } }
        : undefined
      return held?.flags ?? flags
    },
    hold(reads) {
      const from = current()
      held = { from, flags: { ...from, reads } }
    },
  }
}
