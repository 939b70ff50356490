import { Client } from 'pg'
import Database from 'better-sqlite3'
import type { Lockstep } from '../../src/api.ts'
import type { Step } from './application.ts'
import type { Pair, Stage } from './pair.ts'
import { oneOfEach } from './workload.ts'

/** What a process does until it dies, and what the operator does afterwards. */
export interface Scenario {
  readonly name: string
  readonly from: Stage
  readonly steps: readonly Step[]
  /** Done to the copy of the pair before the process starts. */
  readonly prepare?: (pair: Pair) => Promise<void>
  /** Done again by the operator where the process died. */
  readonly resume?: (db: Lockstep) => Promise<unknown>
  /** How it ends: mirrored in either direction, or on one place alone. */
  readonly end?: 'complete' | 'uninstalled'
}

const eachKind = Array.from({ length: oneOfEach }, (_, index) => index)
const budget = { pauseBudgetMs: 20_000 }
/** Each write is shipped before the next one begins, so that every batch is small. */
const both: Step = { call: 'setFlags', args: [{ ack: 'both' }] }

export const scenarios: readonly Scenario[] = [
  {
    name: 'install, schema and backfill',
    from: 'fresh',
    steps: [
      { writes: [0] },
      { call: 'install', writes: [1] },
      { call: 'applySchema', writes: [2] },
      { call: 'backfill', writes: [3, 4, 5, 6, 7] },
      { call: 'caughtUp' },
    ],
    async resume(db) {
      await db.install()
      await db.applySchema()
      await db.backfill()
    },
  },
  {
    name: 'a new column and another install',
    from: 'mirrored',
    prepare: addColumn,
    steps: [{ writes: [0] }, { call: 'install', writes: [1, 3] }, { call: 'caughtUp' }],
    resume: (db) => db.install(),
  },
  { name: 'writes on SQLite', from: 'mirrored', steps: [both, { writes: eachKind }] },
  { name: 'writes on PostgreSQL', from: 'flipped', steps: [both, { writes: eachKind }] },
  {
    name: 'a flip to PostgreSQL',
    from: 'mirrored',
    steps: [{ writes: [0, 1] }, flip('postgres', [2, 3, 4, 5]), { writes: [6, 7] }],
  },
  {
    name: 'a flip back to SQLite',
    from: 'flipped',
    steps: [{ writes: [0, 1] }, flip('sqlite', [2, 3, 4, 5]), { writes: [6, 7] }],
  },
  {
    name: 'a flip back that is cancelled',
    from: 'flipped',
    steps: [
      { call: 'flip', args: ['sqlite', { pauseBudgetMs: 1 }], writes: [0, 1, 2] },
      { writes: [3] },
    ],
  },
  {
    name: 'completion',
    from: 'flipped',
    steps: [{ writes: [0, 1] }, { call: 'caughtUp' }, { call: 'complete' }, { writes: [2] }],
    resume: (db) => db.complete(),
    end: 'complete',
  },
  {
    name: 'uninstall',
    from: 'mirrored',
    steps: [{ writes: [0, 1] }, { call: 'caughtUp' }, { call: 'uninstall' }, { writes: [2] }],
    resume: (db) => db.uninstall(),
    end: 'uninstalled',
  },
]

function flip(to: string, writes: readonly number[]): Step {
  return { call: 'flip', args: [to, budget], writes }
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
