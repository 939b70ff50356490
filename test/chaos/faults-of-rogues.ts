import { setTimeout as rest } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import type { Faults } from './faults.ts'
import type { Operation, Outcome } from './history/operation.ts'
import type { World } from './world.ts'

const client = 'rogue'
const now = (): number => Number(process.hrtime.bigint() / 1000n)
/** What the server says where nothing has happened; without an answer nobody knows. */
const isAnswer = (error: unknown): boolean =>
  /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? '')

/** What other programs do, which know nothing of Lockstep, past the wire. */
export const rogueFaults: Faults = {
  async 'another program writes to both places'(world, random) {
    let isOver = false
    const write = async (): Promise<void> => {
      for (let count = 0; !isOver; count++) {
        const token = `rogue-${random.integer(0, 2 ** 31)}-${count}`
        record(world, await (count % 2 === 0 ? onSqlite(world, token) : onPostgres(world, token)))
        await rest(20)
      }
    }
    const written = write()
    return async () => {
      isOver = true
      await written
    }
  },
  async 'a long transaction of another program on SQLite'({ path }) {
    const db = new Database(path, { timeout: 0 })
    const isBegun = await tryToBegin(db)
    return () => {
      if (isBegun) db.exec('COMMIT')
      db.close()
    }
  },
  async 'a long transaction of another program on PostgreSQL'(world, random) {
    const token = `rogue-${random.integer(0, 2 ** 31)}-long`
    const begin = now()
    const db = new Client({ connectionString: world.url })
    db.on('error', () => undefined)
    const outcome = await trying(async () => {
      await db.connect()
      await db.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      await db.query('INSERT INTO inserts (token) VALUES ($1)', [token])
    })
    return async () => {
      const ended = outcome === 'acknowledged' ? await trying(() => db.query('COMMIT')) : 'failed'
      record(world, { kind: 'insert', token, client, begin, end: now(), outcome: ended })
      await db.end().catch(() => undefined)
    }
  },
}

function record(world: World, operation: Operation): void {
  world.rogue.push(operation)
}

/** Another process may hold the lock at this moment; then this one has come too late. */
async function tryToBegin(db: Database.Database): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      db.exec('BEGIN IMMEDIATE')
      return true
    } catch {
      await rest(5)
    }
  }
  return false
}

async function onSqlite({ path }: World, token: string): Promise<Operation> {
  const begin = now()
  const db = new Database(path, { timeout: 0 })
  let outcome: Outcome = 'acknowledged'
  try {
    db.prepare('INSERT INTO inserts (token) VALUES (?)').run(token)
  } catch {
    outcome = 'failed'
  } finally {
    db.close()
  }
  return { kind: 'insert', token, client, begin, end: now(), outcome }
}

async function onPostgres({ url }: World, token: string): Promise<Operation> {
  const begin = now()
  const db = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  db.on('error', () => undefined)
  let outcome: Outcome = 'failed'
  try {
    await db.connect()
    outcome = await trying(() => db.query('INSERT INTO inserts (token) VALUES ($1)', [token]))
  } catch {
    // Nothing was sent.
  } finally {
    void db.end().catch(() => undefined)
  }
  return { kind: 'insert', token, client, begin, end: now(), outcome }
}

async function trying(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work()
    return 'acknowledged'
  } catch (error) {
    return isAnswer(error) ? 'failed' : 'unknown'
  }
}
