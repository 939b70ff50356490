import { LockstepError, messageOf } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'

/** Called after a commit on the primary; resolves when the write may be acknowledged. */
export type Acknowledge = (primary: PlaceName) => Promise<void>

export interface AcknowledgeOptions {
  readonly mode: () => 'primary' | 'both'
  /** Why nobody confirms writes now (no copy yet, mirror off, breaker open), or null. */
  readonly unconfirmable: () => string | null
  readonly token: (primary: PlaceName) => Promise<bigint>
  readonly reached: (primary: PlaceName, token: bigint, waitMs: number) => Promise<boolean>
  readonly timeoutMs: number
  readonly onUnconfirmed: 'degrade' | 'error'
  readonly onDegraded: (reason: string) => void
}

/**
 * With `ack: both` a write is acknowledged when the secondary has it too. All that were committed in one
 * turn of the event loop are confirmed by one token. Where the secondary does not confirm in time,
 * `onUnconfirmed` says what the caller gets.
 */
export function createAcknowledge(options: AcknowledgeOptions): Acknowledge {
  const shared = new Map<PlaceName, Promise<string | null>>()
  const confirmShared = (primary: PlaceName): Promise<string | null> => {
    const joined = shared.get(primary)
    if (joined !== undefined) return joined
    const begun = new Promise<string | null>((resolve) => {
      process.nextTick(() => {
        // From here on a commit may be newer than the token.
        shared.delete(primary)
        resolve(options.unconfirmable() ?? confirm(options, primary))
      })
    })
    shared.set(primary, begun)
    return begun
  }
  return async (primary) => {
    if (options.mode() === 'primary') return
    const reason = await confirmShared(primary)
    if (reason === null) return
    options.onDegraded(reason)
    if (options.onUnconfirmed === 'degrade') return
    const unconfirmed = primary === 'sqlite' ? 'postgres' : 'sqlite'
    throw new LockstepError(
      'ACK_UNCONFIRMED',
      `The write is committed on ${primary}, the primary; that ${unconfirmed} has it is not confirmed: ${reason}. ` +
        'The mirror brings it over later; do not run it again',
      { details: { committed: primary, unconfirmed, reason } },
    )
  }
}

async function confirm(
  { token, reached, timeoutMs }: AcknowledgeOptions,
  primary: PlaceName,
): Promise<string | null> {
  try {
    const confirmed = await reached(primary, await token(primary), timeoutMs)
    return confirmed ? null : `no confirmation in ${timeoutMs} ms`
  } catch (error) {
    // The primary went away behind its commit: the write is done, and only its confirmation failed.
    return messageOf(error)
  }
}
