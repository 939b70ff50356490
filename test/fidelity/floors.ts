import { readFileSync, writeFileSync } from 'node:fs'
import type { Score } from './outcome.ts'
import type { Extent } from './suites.ts'

/** What a suite must not fall behind. */
export interface Floor {
  /** Of a thousand cases so many are identical, at least. */
  readonly identicalPerMille: number
  /** Silent differences, at most. */
  readonly different: number
  /** Errors that nobody foresaw, at most. */
  readonly unclear: number
}

type Floors = Record<Extent, Record<string, Floor>>

const file = new URL('./floors.json', import.meta.url)

export function readFloors(): Floors {
  return JSON.parse(readFileSync(file, 'utf8')) as Floors
}

/** Replaces the floors of the suites that were run. */
export function writeFloors(extent: Extent, scores: ReadonlyMap<string, Score>): void {
  const floors = readFloors()
  for (const [name, score] of scores) floors[extent][name] = floorOf(score)
  writeFileSync(file, `${JSON.stringify(floors, null, 2)}\n`)
}

export function floorOf({ share, counts }: Score): Floor {
  return {
    identicalPerMille: Math.floor(share * 1000),
    different: counts.different,
    unclear: counts.unclear,
  }
}

/** Says how a score has fallen below its floor; empty where it has not. */
export function fallen(score: Score, floor: Floor | undefined): string[] {
  if (floor === undefined) return ['there is no floor for it: run npm run fidelity']
  const now = floorOf(score)
  const complaints: string[] = []
  if (now.identicalPerMille < floor.identicalPerMille)
    complaints.push(`identical ${now.identicalPerMille} ‰, was ${floor.identicalPerMille} ‰`)
  if (now.different > floor.different)
    complaints.push(`silently different ${now.different}, was ${floor.different}`)
  if (now.unclear > floor.unclear)
    complaints.push(`unclear errors ${now.unclear}, was ${floor.unclear}`)
  return complaints
}
