import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import type { Batch, Source } from '../../src/place/place.ts'
import { openPostgres } from '../../src/postgres/connection.ts'
import { PostgresSession } from '../../src/postgres/session.ts'
import { PostgresSource } from '../../src/postgres/source.ts'
import { openSqlite, type Connection } from '../../src/sqlite/connection.ts'
import { installedTables } from '../../src/sqlite/install.ts'
import { SqliteSource } from '../../src/sqlite/source.ts'
import { SqliteWriter } from '../../src/sqlite/writer.ts'
import { openPair, type Pair } from '../support/pair.ts'

/**
 * Two accounts with 20 in all, at every moment. One is in the journal already, and once the journal was read a
 * transaction takes from it and gives to the other: who reads rows behind that has half of the transaction.
 */
const schema = `CREATE TABLE accounts (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
  INSERT INTO accounts VALUES (1, 10), (2, 10)`
const touch = 'UPDATE accounts SET n = n WHERE id = 1'
const transfer = `BEGIN; UPDATE accounts SET n = n - 7 WHERE id = 1; UPDATE accounts SET n = n + 7 WHERE id = 2; COMMIT`

let pair: Pair
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await pair.close()
})

/** What the secondary, which had 10 and 10, holds once it has got the batch. */
function sumAfter({ changes, complete }: Batch): bigint {
  expect(complete).toBe(true)
  const rows = new Map([
    [1n, 10n],
    [2n, 10n],
  ])
  for (const [id, n] of changes.flatMap(({ upserts }) => upserts))
    rows.set(id as bigint, n as bigint)
  return [...rows.values()].reduce((sum, n) => sum + n)
}

/** Whether all of a batch is read in one transaction, as it is, or each statement sees what is there by then. */
type Reading = 'one snapshot' | 'two snapshots'

async function sourceOnSqlite(reading: Reading): Promise<Source> {
  pair = await openPair({ schema })
  await pair.db.setFlags({ mirror: false })
  pair.sqlite.exec(touch)
  const file = openSqlite({ path: pair.path })
  const openReader = (): Connection => {
    const db = file.openReader()
    const [exec, prepare] = [db.exec.bind(db), db.prepare.bind(db)]
    if (reading === 'two snapshots') db.exec = (sql) => (/BEGIN|COMMIT/.test(sql) ? db : exec(sql))
    db.prepare = ((sql: string) => {
      const statement = prepare(sql)
      if (!sql.startsWith('SELECT * FROM _lockstep_journal')) return statement
      const all: (...params: unknown[]) => unknown[] = statement.all.bind(statement)
      statement.all = (...params: unknown[]) => {
        const entries = all(...params)
        pair.sqlite.exec(transfer)
        return entries
      }
      return statement
    }) as Connection['prepare']
    return db
  }
  const writer = new SqliteWriter(file.writer, { busyTimeoutMs: 5000, maxWaiting: 10 })
  const source = new SqliteSource({ ...file, openReader }, writer, () => ({
    tables: installedTables(file.reader),
    version: Number(file.reader.pragma('schema_version', { simple: true })),
  }))
  ends.push(
    () => file.close(),
    () => source.close(),
  )
  return source
}

async function sourceOnPostgres(reading: Reading): Promise<Source> {
  pair = await openPair({ schema, stage: 'flipped' })
  await pair.db.setFlags({ mirror: false })
  await pair.pg.query(touch)
  const server = openPostgres({
    connectionString: pair.url,
    schema: 'public',
    max: 1,
    connectTimeoutMs: 30_000,
    statementTimeoutMs: 30_000,
  })
  const session = new PostgresSession(server)
  const client = await session.client()
  const query = client.query.bind(client) as (asked: unknown) => Promise<unknown>
  client.query = (async (asked: string | pg.QueryConfig) => {
    const begin = reading === 'two snapshots' && typeof asked === 'string'
    const answer = await query(begin ? asked.replace('REPEATABLE READ', 'READ COMMITTED') : asked)
    if (typeof asked !== 'string' && asked.name === 'lockstep_journal')
      await pair.pg.query(transfer)
    return answer
  }) as pg.Client['query']
  ends.push(
    () => server.close(),
    () => client.end(),
  )
  return new PostgresSource(session, () => installedTables(pair.sqlite))
}

describe.each([
  ['sqlite', sourceOnSqlite],
  ['postgres', sourceOnPostgres],
] as const)('journal and rows of %s', (_, open) => {
  test('are read in one snapshot: of a transaction all arrives, or nothing', async () => {
    const snapshot = await (await open('one snapshot')).open()
    expect(sumAfter(await snapshot.read({ maxEntries: 100, maxBytes: 1e6 }))).toBe(20n)
    await snapshot.close()
  })

  test('read in two snapshots would have torn it, and called the batch complete', async () => {
    const snapshot = await (await open('two snapshots')).open()
    expect(sumAfter(await snapshot.read({ maxEntries: 100, maxBytes: 1e6 }))).toBe(13n)
    await snapshot.close()
  })
})
