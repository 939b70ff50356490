import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createLockstep } from '../../src/lockstep.ts'
import type { Lockstep } from '../../src/api.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { onServer } from '../support/postgres.ts'
import { schema, seedRows } from './workload.ts'

/** A SQLite file and a PostgreSQL database, in a folder of their own. */
export interface Pair {
  readonly folder: string
  readonly sqlite: string
  readonly postgres: string
  /** Rows of the table that is there to have many. */
  readonly bulk: number
  drop(): Promise<void>
}

/** How far a pair has come on its journey before the processes of a test begin. */
export type Stage = 'fresh' | 'large' | 'mirrored' | 'flipped'

/** Copies of pairs that were prepared once, on one server. */
export interface Pairs {
  copy(stage: Stage): Promise<Pair>
  close(): Promise<void>
}

export async function preparePairs(server: string): Promise<Pairs> {
  const prepared: Prepared = new Map()
  prepared.set('fresh', Promise.resolve(await createPair(server, 1, createFile)))
  prepared.set('large', Promise.resolve(await createPair(server, 12_000, createFile)))
  return {
    copy: (stage) => copyPrepared(server, prepared, stage),
    async close() {
      for (const pair of prepared.values()) await (await pair).drop()
    },
  }
}

/** Those that want a stage at the same time wait for the one that prepares it. */
type Prepared = Map<Stage, Promise<Pair>>

interface Journey {
  readonly from: Stage
  readonly run: (db: Lockstep) => Promise<unknown>
}

const journeys: Partial<Record<Stage, Journey>> = {
  mirrored: {
    from: 'fresh',
    async run(db) {
      await db.install()
      await db.applySchema()
      await db.backfill()
      await db.caughtUp()
    },
  },
  flipped: {
    from: 'mirrored',
    async run(db) {
      await db.flip('postgres', { pauseBudgetMs: 20_000 })
      await db.caughtUp()
    },
  },
}

async function copyPrepared(server: string, prepared: Prepared, stage: Stage): Promise<Pair> {
  const from = await preparedAt(server, prepared, stage)
  const template = new URL(from.postgres).pathname.slice(1)
  return createPair(server, from.bulk, (pair) => copyFileSync(from.sqlite, pair.sqlite), template)
}

async function preparedAt(server: string, prepared: Prepared, stage: Stage): Promise<Pair> {
  const known = prepared.get(stage)
  if (known !== undefined) return known
  const preparing = prepare(server, prepared, stage)
  prepared.set(stage, preparing)
  try {
    return await preparing
  } catch (error) {
    // The next attempt of a test begins anew.
    prepared.delete(stage)
    throw error
  }
}

async function prepare(server: string, prepared: Prepared, stage: Stage): Promise<Pair> {
  const { from, run } = journeys[stage] as Journey
  const pair = await copyPrepared(server, prepared, from)
  const db = await open(pair)
  await run(db)
  await db.close()
  emptyWal(pair.sqlite)
  return pair
}

/** So that the file alone is the whole database, and can be copied. */
function emptyWal(path: string): void {
  const db = new Database(path)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

/** The application, started in the test's own process. */
export function open(pair: Pair, options: Partial<LockstepOptions> = {}): Promise<Lockstep> {
  return createLockstep({
    sqlite: { path: pair.sqlite },
    postgres: { connectionString: pair.postgres },
    applier: { leaderPollMs: 50, idlePollMs: 1 },
    ...options,
  })
}

async function createPair(
  server: string,
  bulk: number,
  fill: (pair: Pair) => void,
  template = 'template0',
): Promise<Pair> {
  const name = `lockstep_crash_${randomBytes(6).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-crash-'))
  const url = new URL(server)
  url.pathname = `/${name}`
  const pair = {
    folder,
    sqlite: join(folder, 'app.db'),
    postgres: url.href,
    bulk,
    async drop(): Promise<void> {
      rmSync(folder, { recursive: true, force: true })
      await onServer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    },
  }
  fill(pair)
  const locale = template === 'template0' ? `ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'` : ''
  await onServer(
    server,
    `CREATE DATABASE "${name}" TEMPLATE "${template}" STRATEGY FILE_COPY ${locale}`,
  )
  return pair
}

function createFile({ sqlite, bulk }: Pair): void {
  const db = new Database(sqlite)
  db.pragma('journal_mode = WAL')
  db.exec(schema)
  for (const { sql, params } of seedRows(bulk)) db.prepare(sql).run(...params)
  db.close()
}
