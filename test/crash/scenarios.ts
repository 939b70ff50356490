import { Client } from 'pg'
import Database from 'better-sqlite3'
import type { Lockstep } from '../../src/api.ts'
import type { PausePoint } from '../../src/core/pause-points.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { start, type Step } from './application.ts'
import { completed, uninstalled } from './ends.ts'
import { forgotten, lose, writeUnshipped } from './lost.ts'
import type { End } from './go-on.ts'
import type { Pair, Stage } from './pair.ts'
import { queryPostgres } from './query.ts'
import { oneOfEach } from './workload.ts'

/** What a process does until it dies, and what the operator does afterwards. */
export interface Scenario {
  readonly name: string
  readonly from: Stage
  readonly steps: readonly Step[]
  /** Done to the copy of the pair before the process starts. */
  readonly prepare?: (pair: Pair) => Promise<void>
  /** What another process does that takes it up, until it dies as well; see twice.test.ts. */
  readonly again?: readonly Step[]
  /** Points are met by what comes before too: the last time that each comes by is what counts. */
  readonly late?: true
  /** Done again by the operator where the process died. */
  readonly resume?: (db: Lockstep) => Promise<unknown>
  /** The only points that matter here, as the others are those of another scenario. */
  readonly only?: readonly PausePoint[]
  /** Of the process that dies. */
  readonly options?: Partial<LockstepOptions>
  /** The errors that its steps end with where the process lives; none unless given. */
  readonly ends?: readonly string[]
  /** PostgreSQL is not to be reached as long as its process lives. */
  readonly isAway?: true
  /** Says what else is wrong once the application goes on. */
  readonly also?: (pair: Pair) => Promise<string[]>
  /** Where it ends, if not mirrored. */
  readonly end?: End
}

/** One operation of each kind; the one that adds to a row is the first half of another. */
const eachKind = Array.from({ length: oneOfEach }, (_, index) => index).filter((kind) => kind !== 3)
const budget = { pauseBudgetMs: 20_000 }
const arrival: readonly Step[] = [
  { call: 'install' },
  { call: 'applySchema' },
  { call: 'backfill' },
]
/** Also says that the mirror is up to date, without which a gate would refuse a flip right after a start. */
const caughtUp: Step = { call: 'caughtUp' }
/** Each write is shipped before the next one begins, so that every batch is small. */
const both: Step = { call: 'setFlags', args: [{ ack: 'both' }] }

/** The application's migration, which can be run again where it was stopped. */
const change = `
  DROP TABLE IF EXISTS later;
  CREATE TABLE later (id INTEGER PRIMARY KEY AUTOINCREMENT, pair TEXT UNIQUE, note TEXT DEFAULT 'new');
  CREATE INDEX IF NOT EXISTS later_by_note ON later (note DESC);
  INSERT INTO later (id, pair) VALUES (7, 'seven');
  ALTER TABLE later RENAME COLUMN note TO remark`

export const scenarios: readonly Scenario[] = [
  {
    name: 'install, schema and backfill',
    from: 'fresh',
    steps: [
      { writes: [0] },
      { call: 'install', writes: [1] },
      { call: 'applySchema', writes: [2] },
      { call: 'backfill', writes: [3, 4, 5, 6, 7] },
      caughtUp,
    ],
    again: arrival,
    resume: arrive,
  },
  {
    name: 'a backfill of many ranges, several of them under way',
    from: 'large',
    steps: [{ call: 'install' }, { call: 'applySchema' }, { call: 'backfill', writes: [0, 1] }],
    again: arrival,
    resume: arrive,
    only: ['backfill:range-begun', 'backfill:range-copied'],
    options: { backfill: { concurrency: 3, rowsPerRange: 2000 } },
  },
  {
    name: 'a new column and another install',
    from: 'mirrored',
    prepare: addColumn,
    steps: [{ writes: [0] }, { call: 'install', writes: [1, 3] }, caughtUp],
    resume: (db) => db.install(),
  },
  {
    name: 'a change of the schema on SQLite',
    from: 'mirrored',
    steps: [{ writes: [0] }, { call: 'exec', args: [change], writes: [1, 3] }, { writes: [6] }],
    resume: (db) => db.exec(change),
  },
  {
    name: 'a change of the schema on PostgreSQL',
    from: 'flipped',
    steps: [{ writes: [0] }, { call: 'exec', args: [change], writes: [1, 3] }, { writes: [6] }],
    resume: (db) => db.exec(change),
  },
  { name: 'writes on SQLite', from: 'mirrored', steps: [both, { writes: eachKind }] },
  { name: 'writes on PostgreSQL', from: 'flipped', steps: [both, { writes: eachKind }] },
  {
    name: 'a verify that finds differences, and their repair',
    from: 'mirrored',
    prepare: damage,
    steps: [
      { call: 'verify', writes: [0, 1] },
      { call: 'repair', args: [{ table: 'accounts' }], writes: [4] },
      { call: 'repair', args: [{ table: 'pairs' }], writes: [6] },
      caughtUp,
    ],
    late: true,
    resume: async (db) => {
      await db.repair({ table: 'accounts' })
      await db.repair({ table: 'pairs' })
    },
  },
  {
    name: 'a flip to PostgreSQL',
    from: 'mirrored',
    steps: [{ writes: [1] }, caughtUp, flip('postgres', [2, 3, 4]), { writes: [6] }],
  },
  {
    name: 'a flip back to SQLite',
    from: 'flipped',
    steps: [{ writes: [1] }, caughtUp, flip('sqlite', [2, 3, 4]), { writes: [6] }],
  },
  {
    name: 'a flip back that is cancelled',
    from: 'flipped',
    steps: [
      caughtUp,
      { call: 'flip', args: ['sqlite', { pauseBudgetMs: 1 }], writes: [0, 1, 2] },
      { writes: [3] },
    ],
    ends: ['FLIP_CANCELLED'],
  },
  {
    name: 'the recovery of a flip to PostgreSQL that was not committed',
    from: 'mirrored',
    prepare: (pair) => dieInFlip(pair, 'postgres', 'flip:committing'),
    steps: [{ writes: [0] }],
  },
  {
    name: 'the recovery of a flip to PostgreSQL that was committed',
    from: 'mirrored',
    prepare: (pair) => dieInFlip(pair, 'postgres', 'flip:commit-point'),
    steps: [{ writes: [0] }],
  },
  {
    name: 'the recovery of a flip back that was not committed',
    from: 'flipped',
    prepare: (pair) => dieInFlip(pair, 'sqlite', 'flip:committing'),
    steps: [{ writes: [0] }],
  },
  {
    name: 'giving a lost PostgreSQL up',
    from: 'flipped',
    prepare: writeUnshipped,
    isAway: true,
    steps: [{ call: 'rollback', args: [{ acceptLoss: true }], writes: [0] }, { writes: [1, 2] }],
    also: forgotten,
  },
  {
    name: 'taking a lost PostgreSQL back',
    from: 'flipped',
    prepare: lose,
    steps: [{ writes: [0, 1, 2, 4] }, caughtUp, { writes: [6] }],
    also: forgotten,
  },
  {
    name: 'completion',
    from: 'flipped',
    steps: [{ writes: [1] }, caughtUp, { call: 'complete' }, { writes: [2] }],
    resume: (db) => db.complete(),
    end: completed,
  },
  {
    name: 'uninstall',
    from: 'mirrored',
    steps: [{ writes: [1] }, caughtUp, { call: 'uninstall' }, { writes: [2] }],
    resume: (db) => db.uninstall(),
    end: uninstalled,
  },
]

function flip(to: string, writes: readonly number[]): Step {
  return { call: 'flip', args: [to, budget], writes }
}

async function arrive(db: Lockstep): Promise<void> {
  await db.install()
  await db.applySchema()
  await db.backfill()
}

/** Somebody changes the secondary past fence and journal. */
async function damage(pair: Pair): Promise<void> {
  await queryPostgres(
    pair.postgres,
    `SET lockstep.applying = 'on'; UPDATE accounts SET n = n + 1 WHERE id = 2;
     DELETE FROM pairs WHERE b = 5; INSERT INTO pairs (a, b) VALUES ('stray', 1)`,
  )
}

/** Leaves a flip behind that another process has to settle. */
async function dieInFlip(pair: Pair, to: string, point: PausePoint): Promise<void> {
  const at = { point, occurrence: 1, then: 'kill' } as const
  const flipper = start(pair, { steps: [caughtUp, flip(to, [])], operations: [], at }, 'flipper')
  if ((await flipper.ended()) !== 'killed') throw new Error('The flip was not to end')
}

/** The application's own migration, run on both places; on SQLite it gives every row a value. */
async function addColumn(pair: Pair): Promise<void> {
  const db = new Database(pair.sqlite)
  db.exec(`ALTER TABLE pairs ADD COLUMN colour TEXT DEFAULT 'red'`)
  db.close()
  const client = new Client({ connectionString: pair.postgres })
  await client.connect()
  await client.query('ALTER TABLE pairs ADD COLUMN colour text COLLATE "C"')
  await client.end()
}
