import type { PausePoint } from '../../src/core/pause-points.ts'
import type { PlaceName } from '../../src/place/place.ts'
import type { Stage } from './pair.ts'

/** A flip that is interrupted at one of its points. */
export interface Interrupted {
  readonly from: PlaceName
  readonly to: PlaceName
  readonly stage: Stage
  readonly point: PausePoint
  /** Where the primary must be once the flip is settled. */
  readonly primary: PlaceName
}

const before = ['flip:draining', 'flip:drained', 'flip:committing', 'flip:before-commit-point']
const after = ['flip:commit-point', 'flip:moved', 'flip:recorded']

/** Every point of a flip in both directions; test/crash/kill.test.ts sees to it that none is new. */
export const interruptedFlips: readonly Interrupted[] = [
  ...along({ from: 'sqlite', to: 'postgres', stage: 'mirrored' }, [...after, 'flip:opened']),
  ...along({ from: 'postgres', to: 'sqlite', stage: 'flipped' }, after),
]

function along(
  flip: Pick<Interrupted, 'from' | 'to' | 'stage'>,
  committed: readonly string[],
): Interrupted[] {
  return [...before, ...committed].map((point) => ({
    ...flip,
    point: point as PausePoint,
    primary: committed.includes(point) ? flip.to : flip.from,
  }))
}
