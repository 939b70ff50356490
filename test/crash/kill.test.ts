import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { pausePoints, type PausePoint } from '../../src/core/pause-points.ts'
import type { At } from './application.ts'
import { everywhere } from './everywhere.ts'
import { preparePairs, type Pairs } from './pair.ts'
import { runScenario, type Counts } from './run-scenario.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { inTurns } from './in-turns.ts'

const atOnce = 4

let pairs: Pairs
const killedAt = new Map<PausePoint, number>()
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())

const chosenBefore = new Set<string>()

/** Each occurrence of each point; or the first of those that no pair of the same stage has met before. */
function killsOf({ from, only, late }: Scenario, counts: Counts): At[] {
  return (Object.entries(counts) as [PausePoint, number][])
    .filter(([point]) => only?.includes(point) ?? true)
    .filter(([point]) => everywhere || late === true || !chosenBefore.has(`${from} ${point}`))
    .flatMap(([point, count]) => {
      chosenBefore.add(`${from} ${point}`)
      const all = Array.from({ length: count }, (_, index) => index + 1)
      const occurrences = everywhere ? all : [late === true ? count : 1]
      return occurrences.map((occurrence): At => ({ point, occurrence, then: 'kill' }))
    })
}

describe('a process that is killed at any point of its journey', () => {
  test.each(scenarios)(
    'loses nothing, doubles nothing and goes on: $name',
    async (scenario) => {
      const { counts, faults } = await runScenario(pairs, scenario)
      expect(faults).toEqual([])
      const kills = killsOf(scenario, counts)
      const found = await inTurns(kills, atOnce, async (at) => {
        const { faults, isKilled } = await runScenario(pairs, scenario, { first: at })
        if (isKilled) killedAt.set(at.point, (killedAt.get(at.point) ?? 0) + 1)
        return faults
      })
      process.stdout.write(`${scenario.name}: killed at ${kills.length} points\n`)
      expect(found.flat()).toEqual([])
    },
    240_000,
  )

  test('every named pause point was killed at', () => {
    const total = [...killedAt.values()].reduce((sum, count) => sum + count, 0)
    process.stdout.write(`killed at ${total} points of ${killedAt.size} names\n`)
    expect(pausePoints.filter((point) => !killedAt.has(point))).toEqual([])
  })
})
