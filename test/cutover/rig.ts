import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client, type QueryResultRow } from 'pg'
import type { Lockstep } from '../../src/api.ts'
import { createLockstep, type LockstepOptions } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'

/** Tables whose every acknowledged change can be told afterwards from the rows alone. */
export const tables: string = /* sql */ `
  CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, n INTEGER NOT NULL);
  CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
  CREATE TABLE moves (id INTEGER PRIMARY KEY, token TEXT NOT NULL, amount INTEGER NOT NULL);
  WITH RECURSIVE k(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < 200)
  INSERT INTO accounts SELECT id, 1000 FROM k;
`
const names = ['items', 'counters', 'accounts', 'moves']

/** One SQLite file and one PostgreSQL database, looked at past Lockstep. */
export interface Rig {
  readonly folder: string
  readonly path: string
  readonly url: string
  /** Opens Lockstep on the pair; closed with the rig. */
  open(options?: Partial<LockstepOptions>): Promise<Lockstep>
  /** The journey up to two equal places. */
  mirrored(options?: Partial<LockstepOptions>): Promise<Lockstep>
  /** A connection of another program; it ends with the rig, also where the test fails before it does. */
  connect(): Promise<Client>
  sqlite<T>(work: (db: Database.Database) => T): T
  postgres<R extends QueryResultRow>(sql: string, params?: unknown[]): Promise<R[]>
  /** What differs between the two places, read directly; empty where they are equal. */
  differences(among?: readonly string[]): Promise<string[]>
  close(): Promise<void>
}

/** @param url a server of the test's own; else a fresh database on the run's server */
export async function createRig(settings: { url?: string; schema?: string } = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-cutover-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec(settings.schema ?? tables)
  file.close()
  const database =
    settings.url === undefined
      ? await createDatabase('compat')
      : { url: settings.url, drop: async () => undefined }
  const opened: Lockstep[] = []
  const others: Client[] = []
  const rig: Rig = {
    folder,
    path,
    url: database.url,
    async open(options = {}) {
      const db = await createLockstep({
        sqlite: { path },
        postgres: { connectionString: database.url },
        ...options,
      })
      opened.push(db)
      return db
    },
    async mirrored(options) {
      const db = await rig.open(options)
      await db.install()
      await db.applySchema()
      await db.backfill()
      return db
    },
    async connect() {
      const client = new Client({ connectionString: database.url })
      client.on('error', () => undefined)
      others.push(client)
      await client.connect()
      return client
    },
    sqlite: (work) => withFile(path, work),
    postgres: (sql, params) => query(database.url, sql, params),
    differences: (among = names) => compare(rig, among),
    async close() {
      await Promise.all(others.map((client) => client.end()))
      await Promise.all(opened.map((db) => db.close()))
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return rig
}

function withFile<T>(path: string, work: (db: Database.Database) => T): T {
  const db = new Database(path, { timeout: 5000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}

async function query<R extends QueryResultRow>(
  url: string,
  sql: string,
  params: unknown[] = [],
): Promise<R[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<R>(sql, params)).rows
  } finally {
    await client.end()
  }
}

async function compare(rig: Rig, among: readonly string[]): Promise<string[]> {
  const differing: string[] = []
  for (const name of among) {
    const ours = rig.sqlite((db) => db.prepare(`SELECT * FROM ${name} ORDER BY 1`).all())
    const theirs = await rig.postgres(`SELECT * FROM ${name} ORDER BY 1`)
    const [left, right] = [lines(ours), lines(theirs)]
    const [leftSet, rightSet] = [new Set(left), new Set(right)]
    for (const line of left) if (!rightSet.has(line)) differing.push(`${name}: sqlite only ${line}`)
    for (const line of right)
      if (!leftSet.has(line)) differing.push(`${name}: postgres only ${line}`)
  }
  return differing.slice(0, 10)
}

/** pg gives bigint as text. */
function lines(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row, (_, value: unknown) => plain(value)))
}

function plain(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
}

/** Resolves when the condition holds; fails, saying what it waited for, when it does not in time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
