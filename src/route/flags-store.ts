import { isDeepStrictEqual } from 'node:util'
import { LockstepError, isLockstepError, messageOf } from '../core/errors.ts'
import type { Flags, FlagsPatch } from './flags.ts'
import type { KeyedReads } from './keyed-reads.ts'

/** Where flags are kept. The flags in force are always good ones: what is refused changes nothing. */
export interface FlagsStore {
  current(): Flags
  /** What is stored at this moment, in force or not yet. Throws `FLAGS_INVALID`. */
  stored(): Promise<Flags>
  /** Why what is stored now is not in force, or null. */
  refused(): string | null
  /** Resolves with the flags in force once the change is stored. Throws `FLAGS_INVALID` or `CLOSED`. */
  set(patch: FlagsPatch): Promise<Flags>
  close(): Promise<void>
  /** Where the source tells session keys apart. */
  readonly keyed?: KeyedReads | undefined
}

export type FlagsSource = 'file' | 'table' | 'openfeature' | 'call'

export interface FlagsListeners {
  /** The flags in force are others now; `call` means that this store's `set` changed them. */
  readonly onChange?: (flags: Flags, source: FlagsSource) => void
  /** New flags were refused and the last good ones stay in force. Once for each distinct message. */
  readonly onRefused?: (message: string) => void
}

/** The flags in force of one store. */
export interface FlagsHolder {
  current(): Flags
  refused(): string | null
  /** Flags equal to those in force are no change; they end a refusal. */
  accept(flags: Flags, source: FlagsSource): void
  refuse(error: unknown): void
}

export function createFlagsHolder(initial: Flags, listeners: FlagsListeners): FlagsHolder {
  let flags = initial
  let refused: string | null = null
  return {
    current: () => flags,
    refused: () => refused,
    accept(next, source) {
      refused = null
      if (isDeepStrictEqual(flags, next)) return
      flags = next
      listeners.onChange?.(flags, source)
    },
    refuse(error) {
      if (isLockstepError(error, 'CLOSED')) return
      const message = messageOf(error)
      if (message === refused) return
      refused = message
      listeners.onRefused?.(message)
    },
  }
}

/** Runs tasks one after the other, so that a read never overtakes a write of the same store. */
export interface Turnstile {
  /** Throws `CLOSED` after `close`. */
  run<T>(task: () => Promise<T>): Promise<T>
  /** A task is under way, so a look at intervals can be left out. */
  busy(): boolean
  /** Resolves when the last task has ended. */
  close(): Promise<void>
}

export function createTurnstile(): Turnstile {
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  let waiting = 0
  return {
    busy: () => waiting > 0,
    run(task) {
      if (closed) return Promise.reject(new LockstepError('CLOSED', 'The flags store is closed'))
      waiting += 1
      const turn = last.then(task).finally(() => {
        waiting -= 1
      })
      last = turn.catch(() => undefined)
      return turn
    },
    async close() {
      closed = true
      await last
    },
  }
}
