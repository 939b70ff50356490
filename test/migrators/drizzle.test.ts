import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { migrate } from 'drizzle-orm/sqlite-proxy/migrator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const every = join(import.meta.dirname, 'drizzle')

let folder: string
let pair: Pair
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-drizzle-'))
  cpSync(every, folder, { recursive: true })
})
afterEach(async () => {
  await pair.close()
  rmSync(folder, { recursive: true })
})

/** What drizzle's proxy driver needs, of Lockstep or of a file of SQLite alone. */
interface Client {
  run(sql: string, params: readonly unknown[]): Promise<unknown>
  values(sql: string, params: readonly unknown[]): Promise<unknown[][]>
  /** Runs the migrator's statements in one transaction. */
  together(queries: readonly string[]): Promise<void>
}

function lockstepClient({ db }: Pair): Client {
  return {
    run: (sql, params) => db.run(sql, params),
    values: (sql, params) => db.values(sql, params),
    together: (queries) =>
      db.transaction(async (tx) => {
        for (const query of queries) await tx.run(query)
      }),
  }
}

function plainClient(file: Database.Database): Client {
  return {
    run: async (sql, params) => file.prepare(sql).run(...params),
    values: async (sql, params) =>
      file
        .prepare(sql)
        .raw()
        .all(...params) as unknown[][],
    together: async (queries) => {
      file.transaction(() => file.exec(queries.join(';')))()
    },
  }
}

type Way = 'in one transaction' | 'one statement after the other'

/** Lets drizzle run the first `count` migrations, as far as it has not yet. */
async function migrateTo(count: number, client: Client, way: Way): Promise<void> {
  const journal = JSON.parse(readFileSync(join(every, 'meta/_journal.json'), 'utf8')) as {
    readonly entries: readonly unknown[]
  }
  const entries = journal.entries.slice(0, count)
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))
  const proxied = drizzle(async (sql, params: unknown[], method) => {
    if (method !== 'run') return { rows: await client.values(sql, params) }
    await client.run(sql, params)
    return { rows: [] }
  })
  const callback = async (queries: string[]): Promise<void> => {
    if (way === 'in one transaction') return client.together(queries)
    for (const query of queries) if (query.trim() !== '') await client.run(query, [])
  }
  await migrate(proxied, callback, { migrationsFolder: folder })
}

const schemaQuery = 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name'
const rowQueries = [
  'SELECT id, hash, created_at FROM __drizzle_migrations ORDER BY created_at',
  'SELECT id, name, email, age, role FROM users ORDER BY id',
  'SELECT * FROM posts ORDER BY id',
  'SELECT * FROM members ORDER BY 1, 2',
  'SELECT * FROM audit ORDER BY id',
  'SELECT * FROM authors ORDER BY 1',
]

describe.each(['in one transaction', 'one statement after the other'] as const)(
  'the migrations of drizzle, %s',
  (way) => {
    test.each(['mirrored', 'flipped', 'rolled back'] as const)(
      'give in stage %s what they give on SQLite alone, each of them once',
      async (stage) => {
        const file = new Database(':memory:')
        const plain = plainClient(file)
        pair = await openPair({ schema: 'CREATE TABLE before (id INTEGER PRIMARY KEY)' })
        const client = lockstepClient(pair)
        if (stage !== 'mirrored') await flip(pair.db)
        if (stage === 'rolled back') await rollback(pair.db)
        for (const count of [1, 2, 4, 4]) {
          await migrateTo(count, client, way)
          await migrateTo(count, plain, way)
          expect(await pair.differences()).toEqual([])
        }
        await pair.db.run('DROP TABLE before')
        for (const query of [schemaQuery, ...rowQueries])
          expect([query, await client.values(query, [])]).toEqual([
            query,
            await plain.values(query, []),
          ])
        file.close()
        expect((await pair.db.status()).quarantine).toBe(0)
        if (stage === 'flipped') await rollback(pair.db)
        else await flip(pair.db)
        await migrateTo(4, client, way)
        await pair.db.run(`INSERT INTO users (name, email) VALUES ('Cy', 'cy@x')`)
        expect(await pair.differences()).toEqual([])
      },
    )
  },
)

test('the table of migrations that SQLite has at install is carried over with its rows', async () => {
  pair = await openPair({ schema: 'CREATE TABLE before (id INTEGER PRIMARY KEY)', stage: 'plain' })
  const client = lockstepClient(pair)
  await migrateTo(2, client, 'one statement after the other')
  await pair.db.install()
  await pair.db.applySchema()
  await pair.db.backfill()
  expect(await pair.differences()).toEqual([])
  await flip(pair.db)
  await migrateTo(4, client, 'one statement after the other')
  expect(await client.values('SELECT count(*), count(id) FROM __drizzle_migrations', [])).toEqual([
    [4, 0],
  ])
  expect(await pair.differences()).toEqual([])
})
