import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { PlaceName } from '../../src/place/place.ts'
import { acknowledged, start, type Application, type At } from './application.ts'
import { everywhere } from './everywhere.ts'
import { interruptedFlips, type Interrupted } from './flip-points.ts'
import { describe as describeError, goOn } from './go-on.ts'
import { historyOf } from './history.ts'
import { inTurns } from './in-turns.ts'
import { whoAccepts, type Accepting } from './one-primary.ts'
import { preparePairs, type Pair, type Pairs } from './pair.ts'
import { makeSafeOperations } from './workload.ts'

/** More than the writer comes to; the last ones are for the time after. */
const operations = makeSafeOperations(50_000, 20_000)
const firstOfParent = operations.length - 10
const all = Array.from({ length: firstOfParent }, (_, index) => index)
const atOnce = 3
/** One point before, in and past the part of a flip that only the place of its commit point can settle. */
const told = ['flip:draining', 'flip:committing', 'flip:commit-point']
const flips = interruptedFlips.filter(({ point }) => everywhere || told.includes(point))
/** Who stands still is to be past its deadline soon; who is killed is gone, whatever its deadline was. */
const pauseBudgetMs = { kill: 20_000, stop: 1000, hold: 20_000 } as const

let pairs: Pairs
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())

interface Both {
  readonly pair: Pair
  readonly flipper: Application
  readonly writer: Application
}

/** Two processes on one file: one that writes without end, and one that begins a flip and meets its point. */
async function withBoth(
  { stage, to, point, primary }: Interrupted,
  then: At['then'],
  work: (both: Both) => Promise<string[]>,
): Promise<string[]> {
  const pair = await pairs.copy(stage)
  const started: Application[] = []
  try {
    const writer = start(pair, { steps: [{ writes: all, endless: true }], operations }, 'writer')
    started.push(writer)
    await acknowledged(writer, 3)
    const flip = { call: 'flip', args: [to, { pauseBudgetMs: pauseBudgetMs[then] }] }
    const at = { point, occurrence: 1, then, last: true }
    // On a busy machine a flip may be over its budget before it comes so far.
    const steps = [{ call: 'caughtUp' }, flip, flip, flip, flip, flip]
    const flipper = start(pair, { steps, operations, at }, 'flipper')
    started.push(flipper)
    await flipper.until(({ reached }) => reached === point)
    const faults = await work({ pair, flipper, writer })
    writer.enough()
    const outcome = await writer.ended()
    if (outcome !== 'done') faults.push(`the writer ended: ${outcome}`)
    for (const line of writer.lines())
      if (line.fail !== undefined) faults.push(`a write failed: ${JSON.stringify(line)}`)
    const accepting = await whoAccepts(pair)
    if (!isOnly(accepting, primary))
      faults.push(`${primary} should take writes, not ${JSON.stringify(accepting)}`)
    const history = historyOf(writer.lines())
    faults.push(...(await goOn(pair, { operations, history, next: firstOfParent })))
    return faults.map((fault) => `${to} ${point}: ${fault}`)
  } catch (error) {
    return [`${to} ${point}: ${describeError(error)}`]
  } finally {
    for (const application of started) application.signal('SIGKILL')
    await pair.drop()
  }
}

function isOnly({ sqlite, postgres }: Accepting, primary: PlaceName): boolean {
  return sqlite === (primary === 'sqlite') && postgres === (primary === 'postgres')
}

/** Really tries both places again and again until `end` settles; a fault for each time that both took it. */
async function watchPrimaries(pair: Pair, end: Promise<unknown>): Promise<string[]> {
  let running = true
  const stop = (): void => void (running = false)
  end.then(stop, stop)
  const faults: string[] = []
  while (running) {
    const { sqlite, postgres } = await whoAccepts(pair)
    if (sqlite && postgres) faults.push('both places take writes')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await end
  return faults
}

describe('two processes of one application', () => {
  test('one dies in a flip: the other settles it, and its writers see no error', async () => {
    const found = await inTurns(flips, atOnce, (flip) =>
      withBoth(flip, 'kill', async ({ pair, writer }) =>
        watchPrimaries(pair, acknowledged(writer, 5)),
      ),
    )
    expect(found.flat()).toEqual([])
  }, 240_000)

  test('one stands still in a flip past its deadline: it finds the flip settled and harms nothing', async () => {
    const found = await inTurns(flips, atOnce, (flip) =>
      withBoth(flip, 'stop', async ({ pair, flipper, writer }) => {
        const stopped = await watchPrimaries(pair, acknowledged(writer, 5))
        flipper.signal('SIGCONT')
        const going = await watchPrimaries(pair, flipper.ended())
        await acknowledged(writer, 5)
        return [...stopped, ...going, ...outcomeFaults(flipper, flip)]
      }),
    )
    expect(found.flat()).toEqual([])
  }, 240_000)
})

/** Before its commit point it must say that it was cancelled; past it, that it is done. */
function outcomeFaults(flipper: Application, { primary, to }: Interrupted): string[] {
  const lines = flipper.lines()
  const reached = lines.findIndex((line) => line.reached !== undefined)
  const { code, message } =
    lines.find(({ step }, index) => index > reached && step !== undefined) ?? {}
  const expected = primary === to ? undefined : 'FLIP_CANCELLED'
  return code === expected ? [] : [`the flip ended with ${code}, not ${expected}: ${message}`]
}
