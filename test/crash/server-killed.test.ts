import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { acknowledged, start, type Application } from './application.ts'
import { interruptedFlips, type Interrupted } from './flip-points.ts'
import { describe as describeError, goOn } from './go-on.ts'
import { historyOf } from './history.ts'
import { whoAccepts } from './one-primary.ts'
import { preparePairs, type Pair, type Pairs, type Stage } from './pair.ts'
import { stretchWire, type Wire } from './wire.ts'
import { makeSafeOperations } from './workload.ts'

const operations = makeSafeOperations(50_000, 20_000)
const firstOfParent = operations.length - 10
const all = Array.from({ length: firstOfParent }, (_, index) => index)
const options = { applier: { leaderPollMs: 50, idlePollMs: 1, retryMinMs: 20, retryMaxMs: 100 } }
const pauseBudgetMs = 20_000
/** Sent by the flip's own session before it commits on PostgreSQL, and by no other. */
const flipMarker = 'NOT VALID'

let server: PostgresServer
let pairs: Pairs
/** A server that loses what it has not been told to keep: its log reaches the disk late. */
let forgetful: PostgresServer
let pairsOfForgetful: Pairs
beforeAll(async () => {
  server = await startPostgres()
  pairs = await preparePairs(server.url)
  forgetful = await startPostgres({
    settings: { synchronous_commit: 'off', wal_writer_delay: '10s' },
  })
  pairsOfForgetful = await preparePairs(forgetful.url)
})
afterAll(() => Promise.all([server.stop(), forgetful.stop()]))

interface Held {
  readonly pair: Pair
  readonly wire: Wire
  readonly application: Application
}

/** One process that writes without end and meets `point` in a flip. */
async function inFlip(
  { stage, to, point, primary, occurrence = 1 }: Interrupted & { occurrence?: number },
  work: (held: Held) => Promise<string[]>,
  from: Pairs = pairs,
): Promise<string[]> {
  const pair = await from.copy(stage)
  const wire = await stretchWire(pair)
  const flip = { call: 'flip', args: [to, { pauseBudgetMs }], writes: all, endless: true }
  const at = { point, occurrence, then: 'hold' } as const
  const steps = [{ call: 'caughtUp' }, flip]
  const application = start(wire.pair, { steps, operations, at, options })
  try {
    await application.until(({ reached }) => reached === point)
    const faults = await work({ pair, wire, application })
    await acknowledged(application, 5)
    application.enough()
    const outcome = await application.ended()
    if (outcome !== 'done') faults.push(`the process ended: ${outcome}`)
    const accepting = await whoAccepts(pair)
    if (accepting.sqlite !== (primary === 'sqlite') || accepting.postgres === accepting.sqlite)
      faults.push(`${primary} should take writes, not ${JSON.stringify(accepting)}`)
    const history = historyOf(application.lines())
    faults.push(...(await goOn(pair, { operations, history, next: firstOfParent })))
    return faults.map((fault) => `${to} ${point}: ${fault}`)
  } catch (error) {
    return [`${to} ${point}: ${describeError(error)}`]
  } finally {
    application.signal('SIGKILL')
    wire.close()
    // The databases go with the server.
    rmSync(pair.folder, { recursive: true })
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

describe('PostgreSQL killed and started again during a flip', () => {
  test.each(survived)(
    'to $to at $point loses nothing, and $primary is the one primary',
    async (flip) => {
      const faults = await inFlip(flip, async ({ application }) => {
        await server.kill()
        application.go()
        await server.restart()
        return []
      })
      expect(faults).toEqual([])
    },
    60_000,
  )

  test.each([
    { ...toPostgres, point: 'flip:moved' },
    {
      from: 'postgres',
      to: 'sqlite',
      stage: 'flipped',
      point: 'flip:commit-point',
      primary: 'sqlite',
    },
  ] as const)(
    'to $to at $point holds even where PostgreSQL commits without waiting for its disk',
    async (flip) => {
      const killed = async ({ application }: Held): Promise<string[]> => {
        await forgetful.kill()
        application.go()
        await forgetful.restart()
        return []
      }
      expect(await inFlip(flip, killed, pairsOfForgetful)).toEqual([])
    },
    60_000,
  )

  test('a batch that was removed from the journal holds even there', async () => {
    // A flip to where the primary is does nothing; the writes beside it are what is shipped.
    const batch = {
      ...toPostgres,
      to: 'sqlite',
      point: 'ship:discarded',
      primary: 'sqlite',
    } as const
    const killed = async ({ application }: Held): Promise<string[]> => {
      await forgetful.kill()
      application.go()
      await forgetful.restart()
      return []
    }
    expect(await inFlip({ ...batch, occurrence: 5 }, killed, pairsOfForgetful)).toEqual([])
  }, 60_000)

  test('between the commit point and its answer: the flip has happened', async () => {
    const faults = await inFlip(toPostgres, async ({ application, wire }) => {
      const broken = wire.breakAtCommit(flipMarker, 'answered')
      application.go()
      await broken
      await server.kill()
      await server.restart()
      return []
    })
    expect(faults).toEqual([])
  }, 60_000)
})

describe('a connection that breaks at a COMMIT', () => {
  test('the answer to the commit point is lost: the flip has happened all the same', async () => {
    const faults = await inFlip(toPostgres, async ({ application, wire }) => {
      const broken = wire.breakAtCommit(flipMarker, 'answered')
      application.go()
      await broken
      return []
    })
    expect(faults).toEqual([])
  }, 60_000)

  test('the commit point itself is lost: the flip is cancelled', async () => {
    const cancelled = { ...toPostgres, primary: 'sqlite' } as const
    const faults = await inFlip(cancelled, async ({ application, wire }) => {
      const broken = wire.breakAtCommit(flipMarker, 'before')
      application.go()
      await broken
      return []
    })
    expect(faults).toEqual([])
  }, 60_000)

  test.each(['before', 'answered'] as const)(
    'a write of the application is in doubt, and is there once or not at all (%s)',
    async (when) => {
      const stage: Stage = 'flipped'
      const pair = await pairs.copy(stage)
      const wire = await stretchWire(pair)
      const steps = [{ call: 'caughtUp' }, { writes: all, endless: true }]
      const application = start(wire.pair, { steps, operations, options })
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
