import type { Lockstep } from '../../src/api.ts'
import { openPair, type Pair, type PairSettings } from '../support/pair.ts'

/** What a run is about: the driver that the suite was written for, or Lockstep with either place as the primary. */
export type Place = (typeof places)[number]

/** `synchronous` is the wrapper for code that is, which takes a change of the schema before Lockstep is installed. */
const places = ['plain', 'synchronous', 'sqlite', 'postgres'] as const
const stages = {
  plain: 'plain',
  synchronous: 'plain',
  sqlite: 'mirrored',
  postgres: 'flipped',
} as const

export const place: Place = placeOf(process.env['LOCKSTEP_UPSTREAM_PLACE'])

function placeOf(name: string | undefined): Place {
  const found = places.find((place) => place === name)
  if (found !== undefined) return found
  throw new Error('Start this with test/upstream/run.mjs, which says what place is tested')
}

/** Closed after the test file that opened them. */
const open: Pair[] = []

/** An empty database on the place of this run, mirrored to the other one. */
export async function openLockstep(settings: Partial<PairSettings> = {}): Promise<Lockstep> {
  const pair = await openPair({
    schema: '',
    stage: stages[place],
    ...settings,
  })
  open.push(pair)
  if (place === 'postgres') await pair.db.setFlags({ reads: { postgres: 100 } })
  return pair.db
}

export async function closePlaces(): Promise<void> {
  await Promise.all(open.splice(0).map((pair) => pair.close()))
}
