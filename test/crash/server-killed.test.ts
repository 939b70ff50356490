import { rmSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { acknowledged, start, type Application } from './application.ts'
import { interruptedFlips, type Interrupted } from './flip-points.ts'
import { describe as describeError, goOn } from './go-on.ts'
import { historyOf } from './history.ts'
import { whoAccepts } from './one-primary.ts'
import { preparePairs, type Pair, type Pairs, type Stage } from './pair.ts'
import { queryPostgres } from './query.ts'
import { stretchWire, type Wire } from './wire.ts'
import { makeSafeOperations } from './workload.ts'

const operations = makeSafeOperations(50_000, 20_000)
const firstOfParent = operations.length - 10
const all = Array.from({ length: firstOfParent }, (_, index) => index)
const options = { applier: { leaderPollMs: 50, idlePollMs: 1, retryMinMs: 20, retryMaxMs: 100 } }
const pauseBudgetMs = 20_000
/** Sent by the flip's own session before it commits on PostgreSQL, and by no other. */
const flipMarker = 'NOT VALID'

/** After a kill the server would open each file of each database to sync it, which can take half a minute. */
const quickStart = { recovery_init_sync_method: 'syncfs' }

let server: PostgresServer
let pairs: Pairs
/** A server that loses what it has not been told to keep: its log reaches the disk late. */
let forgetful: PostgresServer
let pairsOfForgetful: Pairs
beforeAll(async () => {
  server = await startPostgres({ settings: quickStart })
  pairs = await preparePairs(server.url)
  forgetful = await startPostgres({
    settings: { ...quickStart, synchronous_commit: 'off', wal_writer_delay: '10s' },
  })
  pairsOfForgetful = await preparePairs(forgetful.url)
})
afterAll(() => Promise.all([server.stop(), forgetful.stop()]))

/** A test that failed with its server down must not fail those after it, nor its own second attempt. */
beforeEach(() => Promise.all([server, forgetful].map(revive)))

async function revive(killed: PostgresServer): Promise<void> {
  try {
    await queryPostgres(killed.url, 'SELECT 1')
  } catch {
    await killed.restart()
  }
}

interface Held extends Flip {
  readonly pair: Pair
  readonly wire: Wire
  readonly application: Application
}

type Flip = Interrupted & { readonly occurrence?: number; readonly writesStop?: boolean }

/** A process that writes without end, or with a stop for the flip, and stands at its point of a flip. */
async function hold(flip: Flip, from: Pairs): Promise<Held> {
  const { stage, to, point, occurrence = 1, writesStop = false } = flip
  const pair = await from.copy(stage)
  const wire = await stretchWire(pair.postgres)
  const flipping = { call: 'flip', args: [to, { pauseBudgetMs }] }
  const steps = [
    { call: 'caughtUp' },
    ...(writesStop
      ? [{ writes: all.slice(0, 20) }, flipping, { writes: all.slice(20), endless: true }]
      : [{ ...flipping, writes: all, endless: true }]),
  ]
  const at = { point, occurrence, then: 'hold' } as const
  const application = start({ ...pair, postgres: wire.url }, { steps, operations, at, options })
  const held = { ...flip, pair, wire, application }
  try {
    await application.until(({ reached }) => reached === point)
    return held
  } catch (error) {
    release(held)
    throw new Error(`A flip to ${to} is not at ${point}`, { cause: error })
  }
}

/** What is wrong once the process has gone on, has ended, and another one has gone on after it. */
async function faultsAfter({ pair, application, to, point, primary }: Held): Promise<string[]> {
  const faults: string[] = []
  try {
    await acknowledged(application, 5)
    application.enough()
    const outcome = await application.ended()
    if (outcome !== 'done') faults.push(`the process ended: ${outcome}`)
    const accepting = await whoAccepts(pair)
    if (accepting.sqlite !== (primary === 'sqlite') || accepting.postgres === accepting.sqlite)
      faults.push(`${primary} should take writes, not ${JSON.stringify(accepting)}`)
    const history = historyOf(application.lines())
    faults.push(...(await goOn(pair, { operations, history, next: firstOfParent })))
  } catch (error) {
    faults.push(describeError(error))
  }
  return faults.map((fault) => `${to} ${point}: ${fault}`)
}

function release({ pair, wire, application }: Held): void {
  application.signal('SIGKILL')
  wire.close()
  // The databases go with the server.
  rmSync(pair.folder, { recursive: true })
}

/** Does `fault` while every one of the flips stands at its point, and says what is wrong afterwards. */
async function inFlips(
  flips: readonly Flip[],
  fault: (held: readonly Held[]) => Promise<void>,
  from: Pairs = pairs,
): Promise<string[]> {
  const holding = await Promise.allSettled(flips.map((flip) => hold(flip, from)))
  const held = holding.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  try {
    for (const one of holding) if (one.status === 'rejected') throw one.reason
    await fault(held)
    return (await Promise.all(held.map(faultsAfter))).flat()
  } finally {
    held.forEach(release)
  }
}

/** Processes go on where they stood while their server is gone. */
async function killAndRestart(killed: PostgresServer, held: readonly Held[]): Promise<void> {
  await killed.kill()
  for (const { application } of held) application.go()
  await killed.restart()
}

/** The connection breaks at the COMMIT of the flip. */
async function breakAtCommit(held: readonly Held[], when: 'before' | 'answered'): Promise<void> {
  for (const { application, wire } of held) {
    const broken = wire.breakAtCommit(flipMarker, when)
    application.go()
    await broken
  }
}

const toPostgres: Interrupted = {
  from: 'sqlite',
  to: 'postgres',
  stage: 'mirrored',
  point: 'flip:before-commit-point',
  primary: 'postgres',
}

/** The process lives: once all is drained, the commit point on SQLite needs no PostgreSQL. */
const survived = interruptedFlips.map((flip) => {
  const goesOn = ['flip:committing', 'flip:before-commit-point'].includes(flip.point)
  return goesOn && flip.to === 'sqlite' ? { ...flip, primary: flip.to } : flip
})

/** One kill is enough for several that stand at their points; more of them would be past their deadlines. */
const together = 5
const groups = Array.from({ length: Math.ceil(survived.length / together) }, (_, index) => {
  const flips = survived.slice(index * together, (index + 1) * together)
  return { flips, names: flips.map(({ to, point }) => `to ${to} at ${point}`).join(', ') }
})

describe('PostgreSQL killed and started again during a flip', () => {
  test.each(groups)(
    'loses nothing, and one place is primary: $names',
    async ({ flips }) => {
      expect(await inFlips(flips, (held) => killAndRestart(server, held))).toEqual([])
    },
    120_000,
  )

  test('holds past the commit point, and for batches that left the journal, even where PostgreSQL commits without waiting for its disk', async () => {
    const back = { from: 'postgres', to: 'sqlite', stage: 'flipped', primary: 'sqlite' } as const
    // A flip to where the primary is does nothing; the writes beside it are what is shipped.
    const batch = { ...toPostgres, to: 'sqlite', primary: 'sqlite' } as const
    const flips: Flip[] = [
      // What that server acknowledges as the primary, and has not on its disk, goes with it (docs/limits.md).
      { ...toPostgres, point: 'flip:moved', writesStop: true },
      { ...back, point: 'flip:commit-point' },
      { ...batch, point: 'ship:discarded', occurrence: 5 },
    ]
    const killed = (held: readonly Held[]): Promise<void> => killAndRestart(forgetful, held)
    expect(await inFlips(flips, killed, pairsOfForgetful)).toEqual([])
  }, 60_000)

  test('between the commit point and its answer: the flip has happened', async () => {
    const faults = await inFlips([toPostgres], async (held) => {
      await breakAtCommit(held, 'answered')
      await server.kill()
      await server.restart()
    })
    expect(faults).toEqual([])
  }, 60_000)
})

describe('a connection that breaks at a COMMIT', () => {
  test('the answer to the commit point is lost: the flip has happened all the same', async () => {
    expect(await inFlips([toPostgres], (held) => breakAtCommit(held, 'answered'))).toEqual([])
  }, 60_000)

  test('the commit point itself is lost: the flip is cancelled', async () => {
    const cancelled = { ...toPostgres, primary: 'sqlite' } as const
    expect(await inFlips([cancelled], (held) => breakAtCommit(held, 'before'))).toEqual([])
  }, 60_000)

  test.each(['before', 'answered'] as const)(
    'a write of the application is in doubt, and is there once or not at all (%s)',
    async (when) => {
      const stage: Stage = 'flipped'
      const pair = await pairs.copy(stage)
      const wire = await stretchWire(pair.postgres)
      const steps = [{ call: 'caughtUp' }, { writes: all, endless: true }]
      const application = start({ ...pair, postgres: wire.url }, { steps, operations, options })
      try {
        await acknowledged(application, 3)
        await wire.breakAtCommit('INSERT INTO "accounts"', when)
        await acknowledged(application, 3)
        application.enough()
        expect(await application.ended()).toBe('done')
        const history = historyOf(application.lines())
        expect([...history.values()].filter((fate) => fate !== 'acknowledged')).toEqual(['unknown'])
        expect(await goOn(pair, { operations, history, next: firstOfParent })).toEqual([])
      } finally {
        application.signal('SIGKILL')
        wire.close()
        rmSync(pair.folder, { recursive: true })
      }
    },
    60_000,
  )
})

describe('PostgreSQL killed and started again during a backfill', () => {
  test.each(['backfill:range-begun', 'backfill:range-copied'] as const)(
    'at %s, with ranges under way: the next one copies what is missing, once',
    async (point) => {
      // Ranges are committed without waiting for the disk, so that some of them are lost here, together with their notes.
      const pair = await pairsOfForgetful.copy('large')
      const application = start(pair, {
        steps: [{ call: 'install' }, { call: 'applySchema' }, { call: 'backfill' }],
        operations,
        at: { point, occurrence: 4, then: 'hold' },
        options: { backfill: { concurrency: 3, rowsPerRange: 1000 } },
      })
      try {
        await application.until(({ reached }) => reached === point)
        await forgetful.kill()
        application.go()
        expect(await application.ended()).toBe('done')
        const failed = application
          .lines()
          .find(({ step, code }) => step === 2 && code !== undefined)
        expect(failed).toMatchObject({ code: 'POSTGRES_UNREACHABLE' })
        await forgetful.restart()
        const resume = async (db: Lockstep): Promise<void> => void (await db.backfill())
        const history = historyOf(application.lines())
        expect(await goOn(pair, { operations, history, next: firstOfParent, resume })).toEqual([])
      } finally {
        application.signal('SIGKILL')
        rmSync(pair.folder, { recursive: true })
      }
    },
    60_000,
  )
})
