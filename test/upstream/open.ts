import type { Lockstep } from '../../src/api.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { openPair, type Pair } from '../support/pair.ts'

/** What a run is about: the driver that the suite was written for, or Lockstep with either place as the primary. */
export type Place = 'plain' | 'sqlite' | 'postgres'

export const place: Place = placeOf(process.env['LOCKSTEP_UPSTREAM_PLACE'])

function placeOf(name: string | undefined): Place {
  if (name === 'plain' || name === 'sqlite' || name === 'postgres') return name
  throw new Error('Start this with test/upstream/run.mjs, which says what place is tested')
}

/** Closed after the test file that opened them. */
const open: Pair[] = []

/** An empty database on the place of this run, mirrored to the other one. */
export async function openLockstep(settings: Partial<LockstepOptions> = {}): Promise<Lockstep> {
  return (await openPlace(settings)).db
}

export async function openPlace(options: Partial<LockstepOptions> = {}): Promise<Pair> {
  const pair = await openPair({
    schema: '',
    stage: place === 'postgres' ? 'flipped' : 'mirrored',
    options,
  })
  open.push(pair)
  if (place === 'postgres') await pair.db.setFlags({ reads: { postgres: 100 } })
  return pair
}

export async function closePlaces(): Promise<void> {
  await Promise.all(open.splice(0).map((pair) => pair.close()))
}
