import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { pausePoints, type PausePoint } from '../../src/core/pause-points.ts'
import { start, type At } from './application.ts'
import { everywhere } from './everywhere.ts'
import { goOn } from './go-on.ts'
import { historyOf } from './history.ts'
import { withoutPostgres } from './lost.ts'
import { preparePairs, type Pairs } from './pair.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { makeOperations, makeSafeOperations, oneOfEach } from './workload.ts'
import { inTurns } from './in-turns.ts'

const operations = [...makeOperations(7, 2 * oneOfEach), ...makeSafeOperations(50_000, 8)]
const firstOfParent = 2 * oneOfEach
const atOnce = 4

let pairs: Pairs
const killedAt = new Map<PausePoint, number>()
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())

const chosenOptions = ({ options }: Scenario): Pick<Scenario, 'options'> =>
  options === undefined ? {} : { options }

/** Runs the scenario in a process of its own; where `at` is given it dies there. */
async function run(scenario: Scenario, at?: At): Promise<{ counts: Counts; faults: string[] }> {
  const pair = await pairs.copy(scenario.from)
  try {
    await scenario.prepare?.(pair)
    const seen = scenario.isAway === true ? withoutPostgres(pair) : pair
    const application = start(seen, {
      steps: scenario.steps,
      operations,
      at,
      ...chosenOptions(scenario),
    })
    const outcome = await application.ended()
    const lines = application.lines()
    const counts = lines.find((line) => line.counts !== undefined)?.counts ?? {}
    if (outcome !== 'done' && outcome !== 'killed') return { counts, faults: [outcome] }
    const errors = lines.filter(({ step, code }) => step !== undefined && code !== undefined)
    if (
      outcome === 'done' &&
      !isDeepStrictEqual(
        errors.map(({ code }) => code),
        scenario.ends ?? [],
      )
    )
      return { counts, faults: errors.map(({ message }) => `a step failed: ${message}`) }
    if (outcome === 'killed' && at !== undefined)
      killedAt.set(at.point, (killedAt.get(at.point) ?? 0) + 1)
    const faults = await goOn(pair, {
      operations,
      history: historyOf(lines),
      next: firstOfParent,
      resume: scenario.resume,
      end: scenario.end,
      also: scenario.also,
    })
    return { counts, faults: faults.map((fault) => `${at?.point} ${at?.occurrence}: ${fault}`) }
  } finally {
    await pair.drop()
  }
}

type Counts = Partial<Record<PausePoint, number>>

const chosenBefore = new Set<string>()

/** Each occurrence of each point; or the first of those that no pair of the same stage has met before. */
function killsOf({ from, only }: Scenario, counts: Counts): At[] {
  return (Object.entries(counts) as [PausePoint, number][])
    .filter(([point]) => only?.includes(point) ?? true)
    .filter(([point]) => everywhere || !chosenBefore.has(`${from} ${point}`))
    .flatMap(([point, count]) => {
      chosenBefore.add(`${from} ${point}`)
      const occurrences = Array.from({ length: everywhere ? count : 1 }, (_, index) => index + 1)
      return occurrences.map((occurrence): At => ({ point, occurrence, then: 'kill' }))
    })
}

describe('a process that is killed at any point of its journey', () => {
  test.each(scenarios)(
    'loses nothing, doubles nothing and goes on: $name',
    async (scenario) => {
      const { counts, faults } = await run(scenario)
      expect(faults).toEqual([])
      const kills = killsOf(scenario, counts)
      const found = await inTurns(kills, atOnce, async (at) => (await run(scenario, at)).faults)
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
