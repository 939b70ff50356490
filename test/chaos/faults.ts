import type { Random } from '../../src/demo/random.ts'
import { applicationFaults } from './faults-of-applications.ts'
import { machineFaults } from './faults-of-machine.ts'
import { lockstepFaults } from './faults-of-operators.ts'
import { networkFaults } from './faults-of-network.ts'
import { rogueFaults } from './faults-of-rogues.ts'
import { serverFaults } from './faults-of-server.ts'
import type { Kind } from './plan.ts'
import type { World } from './world.ts'

/** Begins, and gives what ends it. Where it fails the run has failed. */
export type Fault = (world: World, random: Random, forMs: number) => Promise<() => unknown>
export type Faults = Readonly<Record<string, Fault>>

const groups: readonly { readonly faults: Faults; readonly kind: Omit<Kind, 'faults'> }[] = [
  { faults: lockstepFaults, kind: { restMs: [500, 3000], forMs: [200, 1500] } },
  { faults: networkFaults, kind: { restMs: [2000, 6000], forMs: [500, 4000] } },
  { faults: serverFaults, kind: { restMs: [6000, 15_000], forMs: [500, 3000] } },
  { faults: applicationFaults, kind: { restMs: [3000, 9000], forMs: [500, 4000] } },
  { faults: machineFaults, kind: { restMs: [4000, 9000], forMs: [500, 3000] } },
  { faults: rogueFaults, kind: { restMs: [2000, 6000], forMs: [500, 3000] } },
]

export const kinds: readonly Kind[] = groups.map(({ faults, kind }) => ({
  ...kind,
  faults: Object.keys(faults),
}))

export const allFaults: Faults = Object.assign({}, ...groups.map(({ faults }) => faults)) as Faults
