import { messageOf } from '../core/errors.ts'
import { within } from '../core/wait.ts'
import type { Flags } from './flags.ts'

type Reads = Flags['reads']

/**
 * Percentages of reads that a provider of flags tells for each session key: so a beta customer, or a region, may go
 * first. A session asks once, when it begins; a change in the provider reaches those that run.
 */
export interface KeyedReads {
  /** Never fails: without an answer the percentages in force for all count. */
  enter(key: string): Promise<KeyedSession>
  /** Asks again for the keys of the sessions that run. */
  refresh(): Promise<void>
  /** Why the last answer was none, or null. */
  refused(): string | null
}

export interface KeyedSession {
  /** Null where those in force for all count. */
  reads(): Reads | null
  leave(): void
}

export interface KeyedReadsOptions {
  readonly evaluate: (key: string) => Promise<Reads>
  /** Once for each distinct message. */
  readonly onRefused: (message: string) => void
}

/** A session waits so long for its percentages; where that was in vain, others do not wait at all for a while. */
const maxWaitMs = 250
const restMs = 5000

interface Known {
  sessions: number
  reads: Reads | null
  asked: Promise<void>
}

export function createKeyedReads({ evaluate, onRefused }: KeyedReadsOptions): KeyedReads {
  const known = new Map<string, Known>()
  let refused: string | null = null
  let restUntil = 0
  const late = (): Error => {
    restUntil = performance.now() + restMs
    return new Error(`no answer within ${maxWaitMs} ms`)
  }
  const ask = async (key: string, one: Known): Promise<void> => {
    if (performance.now() < restUntil) return
    try {
      one.reads = await within(maxWaitMs, evaluate(key), late)
      refused = null
    } catch (error) {
      const message = `the reads of a session key: ${messageOf(error)}`
      if (message !== refused) onRefused(message)
      refused = message
    }
  }
  return {
    refused: () => refused,
    async enter(key) {
      let one = known.get(key)
      if (one === undefined) {
        one = { sessions: 0, reads: null, asked: Promise.resolve() }
        one.asked = ask(key, one)
        known.set(key, one)
      }
      one.sessions++
      await one.asked
      return sessionOf(key, one)
    },
    async refresh() {
      await Promise.all([...known].map(([key, one]) => ask(key, one)))
    },
  }

  function sessionOf(key: string, one: Known): KeyedSession {
    return {
      reads: () => one.reads,
      leave() {
        if (--one.sessions === 0) known.delete(key)
      },
    }
  }
}
