import { expect, test } from 'vitest'
import { kinds } from './faults.ts'
import { makePlan, printPlan } from './plan.ts'
import { faultsAfter, summary, unleash } from './run.ts'
import { createWorld } from './world.ts'

/** `npm run chaos -- --seed N --minutes M` chooses both; that of `npm run test:long` is short and always the same. */
const seed = Number(process.env['LOCKSTEP_CHAOS_SEED'] ?? 1)
const lengthMs = 60_000 * Number(process.env['LOCKSTEP_CHAOS_MINUTES'] ?? 0.75)

test(
  'whatever happens to either place and to the processes, what clients were told is so on both',
  async () => {
    const plan = makePlan(seed, lengthMs, kinds)
    process.stdout.write(`Chaos by seed ${seed}:\n${printPlan(plan)}\n`)
    await using world = await createWorld(seed, lengthMs)
    await unleash(world, plan)
    const faults = await faultsAfter(world)
    process.stdout.write(`${summary(world, plan)}\n`)
    expect(faults).toEqual([])
  },
  lengthMs + 240_000,
)

test('a plan is the same for the same seed, has each fault, and ends before the end', () => {
  const plan = makePlan(7, 300_000, kinds)
  expect(makePlan(7, 300_000, kinds)).toEqual(plan)
  expect(makePlan(8, 300_000, kinds)).not.toEqual(plan)
  const named = new Set(plan.map(({ fault }) => fault))
  expect(kinds.flatMap(({ faults }) => faults).filter((fault) => !named.has(fault))).toEqual([])
  expect(Math.max(...plan.map(({ atMs, forMs }) => atMs + forMs))).toBeLessThan(300_000)
})
