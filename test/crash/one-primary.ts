import Database from 'better-sqlite3'
import { Client } from 'pg'
import type { Pair } from './pair.ts'

/** Which places take a write of an application that knows nothing of Lockstep. */
export interface Accepting {
  readonly sqlite: boolean
  readonly postgres: boolean
}

const insert = `INSERT INTO loose (word, n) VALUES ('probe', -1)`

/**
 * Really tries both, on connections of its own, and takes it back. SQLite's write lock is held while
 * PostgreSQL is asked, so both answers are true at one moment.
 */
export async function whoAccepts(pair: Pair): Promise<Accepting> {
  const db = new Database(pair.sqlite, { timeout: 0 })
  try {
    await begin(db)
    const sqlite = accepts(() => db.exec(insert))
    return { sqlite, postgres: await postgresAccepts(pair.postgres) }
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK')
    db.close()
  }
}

/** Without blocking, as the one who holds the lock may be in this process. */
async function begin(db: Database.Database): Promise<void> {
  for (;;) {
    try {
      db.exec('BEGIN IMMEDIATE')
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function accepts(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (String(error).includes('lockstep: ')) return false
    throw error
  }
}

async function postgresAccepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, statement_timeout: 300 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('BEGIN')
    await client.query(insert)
    return true
  } catch (error) {
    const { code } = error as { code?: string }
    // Refused by the fence or a flip's locks, or nobody is there to take it.
    if (['LS001', '40001', '57014', '57P01', '57P03', 'ECONNREFUSED'].includes(code ?? ''))
      return false
    throw error
  } finally {
    await client.end().catch(() => undefined)
  }
}
