import type { PlaceName } from '../place/place.ts'
import type { Refusal } from './secondary-reads.ts'
import type { Session } from './session.ts'

export interface ConsistencyOptions {
  /** Why the secondary must not serve reads at all now, or null. */
  readonly unusable: () => Refusal | null
  readonly primary: () => PlaceName
  /** A token that covers everything committed on the primary before the call. */
  readonly token: (primary: PlaceName) => Promise<bigint>
  /** Whether the primary's secondary has come to the token, waiting at most so long. */
  readonly reached: (primary: PlaceName, token: bigint, waitMs: number) => Promise<boolean>
  readonly waitMs: number
}

/** Keeps a session from reading on the secondary what is older than its own writes. */
export interface Consistency {
  /** Null when the secondary may serve this session now, else the reason why not. */
  refuses(session: Session): Promise<Refusal | null>
}

export function createConsistency({
  unusable,
  primary: primaryNow,
  token,
  reached,
  waitMs,
}: ConsistencyOptions): Consistency {
  return {
    async refuses(session) {
      const reason = unusable()
      if (reason !== null) return reason
      const { writes } = session
      if (session.confirmed >= writes) return null
      const primary = primaryNow()
      const { carried } = session
      const isCarried = writes === 1 && carried?.primary === primary
      const covered = await (isCarried ? Promise.resolve(carried.position) : token(primary))
        .then((newest) => reached(primary, newest, waitMs))
        .catch(() => false)
      if (!covered)
        return {
          kind: 'behind',
          reason: 'the secondary has not got the writes of this session yet',
        }
      session.confirmed = Math.max(session.confirmed, writes)
      return null
    },
  }
}
