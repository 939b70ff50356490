import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import type { VerifyReport } from '../../src/api.ts'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { createDatabase, type TestDatabase } from './postgres.ts'

/** How far along its journey a pair is when a test gets it. */
type Stage = 'plain' | 'installed' | 'mirrored' | 'flipped'

export interface PairSettings {
  /** SQL that makes the application's tables and first rows. */
  readonly schema: string
  /** Where the file is to be. Default: in a folder of its own. */
  readonly path?: string
  /** A database that the test has made; dropped with the pair. Default: a fresh one. */
  readonly database?: TestDatabase
  /** Default `mirrored`: both sides are equal and the applier runs. */
  readonly stage?: Stage
  readonly options?: Partial<LockstepOptions>
  readonly safeIntegers?: boolean
  readonly setup?: (database: Database.Database) => void
}

/** A file, a database and Lockstep between them, with a connection of another program to each. */
export interface Pair extends AsyncDisposable {
  readonly db: Lockstep
  readonly path: string
  readonly url: string
  /** Another program's connection to the file; integers are bigints. */
  readonly sqlite: Database.Database
  /** Another program's connection to PostgreSQL. */
  readonly pg: Client
  /** The rows of a query on the file, as arrays of exact values. */
  sqliteRows(sql: string): unknown[][]
  /** The rows of a query on PostgreSQL, every value as the text that it answers. */
  pgRows(sql: string): Promise<(string | null)[][]>
  /** A further connection to PostgreSQL, ended with the pair. */
  connect(): Promise<Client>
  /** What a full verify finds unequal, value by value, after everything has been shipped. */
  differences(): Promise<VerifyReport['differences']>
  close(): Promise<void>
}

/** A fresh pair, which the test closes. */
export async function openPair(settings: PairSettings): Promise<Pair> {
  const { schema, stage = 'mirrored', options = {}, safeIntegers = false, setup } = settings
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pair-'))
  const { path = join(folder, 'app.db') } = settings
  const sqlite = new Database(path)
  sqlite.pragma('journal_mode = WAL')
  sqlite.exec(schema)
  sqlite.defaultSafeIntegers(true)
  // A test that gets the pair before its install sees that it is made from nothing.
  const database =
    settings.database ?? (await createDatabase(stage === 'plain' ? 'empty' : 'compat'))
  const clients: Client[] = []
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: database.url })
    clients.push(client)
    await client.connect()
    return client
  }
  const pg = await connect()
  const db = await createLockstep({
    sqlite: { path, safeIntegers, ...(setup === undefined ? {} : { setup }) },
    postgres: { connectionString: database.url },
    ...options,
    // The applier looks often whether it has something to do, so that a test does not wait for it.
    applier: { leaderPollMs: 10, ...options.applier },
  })
  const close = async (): Promise<void> => {
    await db.close()
    await Promise.all(clients.map((client) => client.end()))
    sqlite.close()
    await database.drop()
    rmSync(folder, { recursive: true })
  }
  try {
    await travel(db, stage)
  } catch (error) {
    await close()
    throw error
  }
  return {
    db,
    path,
    url: database.url,
    sqlite,
    pg,
    sqliteRows: (sql) => sqlite.prepare(sql).raw().all() as unknown[][],
    pgRows: async (sql) => {
      const types = { getTypeParser: () => (text: string) => text }
      const { rows } = await pg.query<(string | null)[]>({ text: sql, rowMode: 'array', types })
      return rows
    },
    connect,
    differences: async () => (await db.verify()).differences,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The steps up to a stage, as an operator takes them. */
export async function travel(db: Lockstep, stage: Stage): Promise<void> {
  if (stage === 'plain') return
  await db.install()
  if (stage === 'installed') return
  await db.applySchema()
  await db.backfill()
  if (stage === 'flipped') await flip(db)
}

/** A flip that a busy test machine has time for. */
export async function flip(db: Lockstep, options: { force?: boolean } = {}): Promise<void> {
  await db.flip('postgres', { pauseBudgetMs: 10_000, ...options })
}

export async function rollback(db: Lockstep, options: { force?: boolean } = {}): Promise<void> {
  await db.rollback({ pauseBudgetMs: 10_000, ...options })
}

/** Takes a trigger away as if it had never been made: nothing notices that the schema has changed. */
export function dropTrigger({ sqlite }: Pair, name: string): void {
  sqlite.exec(`DROP TRIGGER ${name}`)
  const version = sqlite.pragma('schema_version', { simple: true })
  sqlite.prepare('UPDATE _lockstep_control SET schema_version = ?').run(version)
}
