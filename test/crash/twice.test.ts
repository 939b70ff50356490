import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { PausePoint } from '../../src/core/pause-points.ts'
import type { At } from './application.ts'
import { everywhere } from './everywhere.ts'
import { inTurns } from './in-turns.ts'
import { preparePairs, type Pairs } from './pair.ts'
import { runScenario, type Counts } from './run-scenario.ts'
import { scenarios, type Scenario } from './scenarios.ts'

const atOnce = 4

/** Where the first process dies in the short form: in the middle, with most behind and before it. */
const firsts: Readonly<Record<string, PausePoint>> = {
  'install, schema and backfill': 'backfill:table-copied',
  'a backfill of many ranges, several of them under way': 'backfill:range-copied',
  'a flip to PostgreSQL': 'flip:committing',
  'a flip back to SQLite': 'flip:commit-point',
}
/** How many points of a recovery the second one dies at in the short form, spread over it. */
const seconds = 2

let pairs: Pairs
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())

const killAt = (point: PausePoint): At => ({ point, occurrence: 1, then: 'kill' })
const pointsOf = (counts: Counts): PausePoint[] => Object.keys(counts) as PausePoint[]

function firstsOf(scenario: Scenario, counts: Counts): PausePoint[] {
  if (!everywhere) return [firsts[scenario.name] as PausePoint]
  return pointsOf(counts).filter((point) => scenario.only?.includes(point) ?? true)
}

function secondsOf(counts: Counts): PausePoint[] {
  const points = pointsOf(counts)
  const step = everywhere ? 1 : Math.max(1, Math.floor(points.length / seconds))
  return points.filter((_, index) => index % step === step - 1)
}

describe('a process that is killed, and then the one that goes on from there as well', () => {
  test.each(scenarios.filter(({ name }) => name in firsts))(
    'lose nothing, double nothing, and a third one goes on: $name',
    async (scenario) => {
      const counts = everywhere ? (await runScenario(pairs, scenario)).counts : {}
      let killed = 0
      for (const first of firstsOf(scenario, counts)) {
        const kills = { first: killAt(first) }
        const recovery = await runScenario(pairs, scenario, { ...kills, second: 'none' })
        expect([first, recovery.faults]).toEqual([first, []])
        const found = await inTurns(secondsOf(recovery.counts), atOnce, async (second) => {
          const ran = await runScenario(pairs, scenario, { ...kills, second: killAt(second) })
          if (ran.isKilled) killed++
          return ran.faults
        })
        expect(found.flat()).toEqual([])
      }
      process.stdout.write(`${scenario.name}: killed at ${killed} pairs of points\n`)
      expect(killed).toBeGreaterThan(0)
    },
    everywhere ? 1_800_000 : 240_000,
  )
})
