import { within } from '../core/wait.ts'
import type { PlaceName } from '../place/place.ts'
import type { CutoverContext } from './context.ts'
import { notCaughtUp } from './flip-errors.ts'

/**
 * Ships until the secondary has equalled a snapshot of `from`, for so long and no longer: writes that come
 * faster than they are shipped would keep it at this for good. A batch under way is left behind at the
 * bound, and does no harm if it is applied after all.
 * @throws LockstepError CAUGHT_UP_TIMEOUT; and what shipping throws
 */
export async function catchUpWithin(
  { shipper }: CutoverContext,
  from: PlaceName,
  timeoutMs: number,
): Promise<void> {
  const giveUp = new AbortController()
  try {
    await within(timeoutMs, shipper.catchUp(from, giveUp.signal), () => notCaughtUp(timeoutMs))
  } finally {
    giveUp.abort()
  }
}
