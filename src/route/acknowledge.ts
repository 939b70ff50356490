import { LockstepError, messageOf } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'

/**
 * Called after a commit on the primary; resolves when the write may be acknowledged.
 * @param quarantined how many rows had gone to quarantine before the write began
 */
export type Acknowledge = (primary: PlaceName, quarantined: bigint) => Promise<void>

export interface AcknowledgeOptions {
  readonly mode: () => 'primary' | 'both'
  /** Why nobody confirms writes now (no copy yet, mirror off, breaker open), or null. */
  readonly unconfirmable: () => string | null
  readonly token: (primary: PlaceName) => Promise<bigint>
  readonly reached: (primary: PlaceName, token: bigint, waitMs: number) => Promise<boolean>
  /** How many rows have gone to quarantine so far. */
  readonly quarantined: () => bigint
  readonly timeoutMs: number
  readonly onUnconfirmed: 'degrade' | 'error'
  readonly onDegraded: (reason: string) => void
}

/**
 * With `ack: both` a write is acknowledged when the secondary has it too. All that were committed in one
 * turn of the event loop are confirmed by one token. Where the secondary does not confirm in time,
 * `onUnconfirmed` says what the caller gets. A row in quarantine is not on the secondary, so a write is not confirmed
 * either where rows have gone there since it began.
 */
export function createAcknowledge(options: AcknowledgeOptions): Acknowledge {
  const shared = new Map<PlaceName, Promise<Confirmation>>()
  const confirmShared = (primary: PlaceName): Promise<Confirmation> => {
    const joined = shared.get(primary)
    if (joined !== undefined) return joined
    const begun = new Promise<Confirmation>((resolve) => {
      process.nextTick(() => {
        // From here on a commit may be newer than the token.
        shared.delete(primary)
        resolve(confirm(options, primary))
      })
    })
    shared.set(primary, begun)
    return begun
  }
  return async (primary, before) => {
    if (options.mode() === 'primary') return
    const { unreached, quarantined } = await confirmShared(primary)
    const reason = unreached ?? (quarantined === before ? null : leftOut)
    if (reason === null) return
    options.onDegraded(reason)
    if (options.onUnconfirmed === 'degrade') return
    const unconfirmed = primary === 'sqlite' ? 'postgres' : 'sqlite'
    throw new LockstepError(
      'ACK_UNCONFIRMED',
      `The write is committed on ${primary}, the primary; that ${unconfirmed} has it is not confirmed: ${reason}. ` +
        'The mirror brings it over as soon as it can; do not run it again',
      { details: { committed: primary, unconfirmed, reason } },
    )
  }
}

/** Nobody knows whose rows they are, so nothing is confirmed of what was written meanwhile. */
const leftOut = 'rows that were brought over meanwhile went to quarantine'

/** What all find that wait for the same token. */
interface Confirmation {
  /** Why the secondary is not known to have it, or null. */
  readonly unreached: string | null
  /** How many rows had gone to quarantine once it had. */
  readonly quarantined: bigint
}

async function confirm(options: AcknowledgeOptions, primary: PlaceName): Promise<Confirmation> {
  const unreached = options.unconfirmable() ?? (await reachToken(options, primary))
  return { unreached, quarantined: options.quarantined() }
}

async function reachToken(
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
