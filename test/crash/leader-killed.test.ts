import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { PausePoint } from '../../src/core/pause-points.ts'
import { acknowledged, start, type Application, type Step } from './application.ts'
import { everywhere } from './everywhere.ts'
import { describe as describeError, goOn } from './go-on.ts'
import { historyOf } from './history.ts'
import { inTurns } from './in-turns.ts'
import { stateOfPostgres, stateOfSqlite } from './judge.ts'
import { preparePairs, type Pair, type Pairs, type Stage } from './pair.ts'
import { makeSafeOperations } from './workload.ts'

const operations = makeSafeOperations(50_000, 20_000)
const firstOfParent = operations.length - 10
/** Each process has operations of its own, which nothing can refuse, in whatever order they come. */
const endless = (from: number): Step => ({
  writes: Array.from({ length: firstOfParent / 2 }, (_, index) => from + index),
  endless: true,
})
/** Of the batches of the first leader, one in the middle of its work. */
const occurrence = 4
const atOnce = 3
const waitMs = 20_000

interface Change {
  readonly stage: Stage
  readonly point: PausePoint
}
const points = everywhere
  ? (['snapshot-open', 'before-apply', 'applied', 'before-discard', 'discarded'] as const)
  : (['before-apply', 'before-discard'] as const)
const changes = (['mirrored', 'flipped'] as const).flatMap((stage) =>
  points.map((point): Change => ({ stage, point: `ship:${point}` })),
)

let pairs: Pairs
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())

/** How many of the writer's rows the secondary has. */
async function arrived(pair: Pair, stage: Stage): Promise<number> {
  const state =
    stage === 'mirrored' ? await stateOfPostgres(pair.postgres) : stateOfSqlite(pair.sqlite)
  return (state['accounts'] ?? []).length
}

async function leaderDies({ stage, point }: Change): Promise<string[]> {
  const pair = await pairs.copy(stage)
  const started: Application[] = []
  try {
    const at = { point, occurrence, then: 'kill' } as const
    // It leads before the other one is there, and ships what that writes.
    const leader = start(
      pair,
      { steps: [{ call: 'caughtUp' }, endless(0)], operations, at },
      'leader',
    )
    started.push(leader)
    await leader.until(({ step }) => step === 0)
    const writer = start(pair, { steps: [endless(firstOfParent / 2)], operations }, 'writer')
    started.push(writer)
    const outcome = await leader.ended()
    const before = await arrived(pair, stage)
    await acknowledged(writer, 5)
    const faults = outcome === 'killed' ? [] : [`the leader ended: ${outcome}`]
    for (const late = Date.now() + waitMs; (await arrived(pair, stage)) < before + 5;) {
      if (Date.now() < late) continue
      faults.push('nobody ships behind the leader that died')
      break
    }
    writer.enough()
    const ended = await writer.ended()
    if (ended !== 'done') faults.push(`the writer ended: ${ended}`)
    for (const line of writer.lines())
      if (line.fail !== undefined) faults.push(`a write failed: ${JSON.stringify(line)}`)
    const history = historyOf(writer.lines(), historyOf(leader.lines()))
    faults.push(...(await goOn(pair, { operations, history, next: firstOfParent })))
    return faults.map((fault) => `${stage} ${point}: ${fault}`)
  } catch (error) {
    return [`${stage} ${point}: ${describeError(error)}`]
  } finally {
    for (const application of started) application.signal('SIGKILL')
    await pair.drop()
  }
}

describe('the process that ships is killed while it ships', () => {
  test('another one leads, nothing is lost or doubled, and no writer sees an error', async () => {
    const found = await inTurns(changes, atOnce, leaderDies)
    process.stdout.write(`leaders killed at ${changes.length} points\n`)
    expect(found.flat()).toEqual([])
  }, 240_000)
})
