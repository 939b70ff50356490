import { LockstepError } from '../core/errors.ts'
import type { Engine } from './engine.ts'

/** @throws LockstepError NOT_INSTALLED, GATE_REFUSED, BACKFILL_INCOMPLETE */
export function requireCopy(engine: Engine): void {
  engine.requireInstalled()
  const { backfilled, completed } = engine.control()
  if (completed)
    throw new LockstepError('GATE_REFUSED', 'The migration is complete: PostgreSQL goes on alone')
  if (!backfilled)
    throw new LockstepError(
      'BACKFILL_INCOMPLETE',
      'PostgreSQL does not hold the data yet: run `lockstep backfill` (db.backfill()) to its end first',
    )
}

/** The same, and the server that answers is the one that holds the copy. */
export async function requirePair(engine: Engine): Promise<void> {
  requireCopy(engine)
  await engine.checkPairAgain()
}
