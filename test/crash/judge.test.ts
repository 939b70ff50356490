import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { start, type At } from './application.ts'
import { goOn } from './go-on.ts'
import { historyOf, type History } from './history.ts'
import { faultsOf } from './judge.ts'
import { forgotten, lose } from './lost.ts'
import { whoAccepts } from './one-primary.ts'
import { open, preparePairs, type Pair, type Pairs } from './pair.ts'
import { makeOperations, makeSafeOperations, oneOfEach } from './workload.ts'

/** What test/crash relies on is broken on purpose, and the same checks must say so. */
const operations = [...makeOperations(7, oneOfEach), ...makeSafeOperations(50_000, 8)]

let pairs: Pairs
let pair: Pair
beforeAll(async () => {
  pairs = await preparePairs(inject('postgresUrl'))
})
afterAll(() => pairs.close())
beforeEach(async () => {
  pair = await pairs.copy('mirrored')
})
afterEach(() => pair.drop())

/** Writes one of each kind in a process of its own, which dies at `at`, or lives and is caught up. */
async function write(at?: At): Promise<History> {
  const writes = Array.from({ length: oneOfEach }, (_, index) => index)
  const application = start(pair, {
    steps: [{ writes }, { call: 'caughtUp' }],
    operations,
    at,
  })
  expect(await application.ended()).toBe(at === undefined ? 'done' : 'killed')
  return historyOf(application.lines())
}

/** Changes SQLite behind Lockstep's back: without its triggers. */
function tamper(sql: string): void {
  const db = new Database(pair.sqlite)
  const triggers = db
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
    .all() as { name: string; sql: string }[]
  for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`)
  db.exec(sql)
  for (const trigger of triggers) db.exec(trigger.sql)
  db.close()
}

/** The same on PostgreSQL, as the applier writes. */
async function tamperPostgres(sql: string): Promise<void> {
  const client = new Client({ connectionString: pair.postgres })
  await client.connect()
  await client.query(`SET lockstep.applying = 'on'`)
  await client.query(sql)
  await client.end()
}

async function tamperBoth(sql: string): Promise<void> {
  tamper(sql)
  await tamperPostgres(sql)
}

describe('the judge of the crash tests', () => {
  test('finds nothing where nothing is wrong', async () => {
    expect(await faultsOf(pair, operations, await write())).toEqual([])
  })

  test('finds an acknowledged row that is gone from both places', async () => {
    const history = await write()
    await tamperBoth('DELETE FROM accounts WHERE id = 7000')
    expect(await faultsOf(pair, operations, history)).toEqual([
      'not what was acknowledged: accounts has not ["7000","code 7000","0","875"]',
    ])
  })

  test('finds a row that is gone from one place', async () => {
    const history = await write()
    await tamperPostgres('DELETE FROM loose WHERE n = 3')
    expect(await faultsOf(pair, operations, history)).toEqual([
      'the places differ: loose has ["word 3","3"]',
    ])
  })

  test('finds an operation that ran twice', async () => {
    const history = await write()
    await tamperBoth('UPDATE accounts SET n = n + 1 WHERE id = 7000')
    expect(await faultsOf(pair, operations, history)).toHaveLength(2)
  })

  test('finds a keyless row that is there twice on both places', async () => {
    const history = await write()
    await tamperBoth(`INSERT INTO loose (rowid, word, n) VALUES (500, 'fresh 7007', 7007)`)
    expect(await faultsOf(pair, operations, history)).toEqual([
      'not what was acknowledged: loose has ["fresh 7007","7007"]',
    ])
  })

  test('finds a transaction in doubt of which a part is there', async () => {
    const history = await write()
    history.set(1, 'unknown')
    expect(await faultsOf(pair, operations, history)).toEqual([])
    await tamperBoth('DELETE FROM entries WHERE id = 7001')
    expect(await faultsOf(pair, operations, history)).not.toEqual([])
  })

  test('finds an operation that was said to have failed and is there', async () => {
    const history = await write()
    history.set(0, 'failed')
    expect(await faultsOf(pair, operations, history)).not.toEqual([])
  })

  test('finds what is lost where the journal goes before it is shipped', async () => {
    const history = await write({ point: 'ship:before-apply', occurrence: 1, then: 'kill' })
    tamper('UPDATE _lockstep_journal SET tbl = 0')
    const db = await open(pair)
    await db.caughtUp()
    await db.close()
    expect(await faultsOf(pair, operations, history)).not.toEqual([])
  })
})

describe('the look for what was lost', () => {
  test('finds a row that was not kept, a row that was kept twice, and a step that no entry tells', async () => {
    const lost = await pairs.copy('flipped')
    await lose(lost)
    const db = await open(lost)
    await db.run(`INSERT INTO loose (word, n) VALUES ('arrives after the server is taken back', 0)`)
    await db.caughtUp()
    await db.close()
    expect(await forgotten(lost)).toEqual([])
    const client = new Client({ connectionString: lost.postgres })
    await client.connect()
    const twice = `INSERT INTO lockstep.lost (tbl, key, row_data, epoch) SELECT tbl, key, row_data, epoch
      FROM lockstep.lost WHERE tbl = 'entries'`
    await client.query(twice)
    expect(await forgotten(lost)).toHaveLength(1)
    await client.query(`DELETE FROM lockstep.lost WHERE tbl = 'entries'`)
    expect(await forgotten(lost)).toHaveLength(1)
    await client.end()
    const file = new Database(lost.sqlite)
    file.exec(`DELETE FROM _lockstep_audit WHERE action = 'reconcile'`)
    file.close()
    expect(await forgotten(lost)).toHaveLength(2)
    await lost.drop()
  })
})

describe('the look for one primary', () => {
  test('finds two where the fence of SQLite is gone', async () => {
    const flipped = await pairs.copy('flipped')
    expect(await whoAccepts(flipped)).toEqual({ sqlite: false, postgres: true })
    const db = new Database(flipped.sqlite)
    db.exec('UPDATE _lockstep_control SET gate = 0')
    db.close()
    expect(await whoAccepts(flipped)).toEqual({ sqlite: true, postgres: true })
    await flipped.drop()
  })

  test('finds two where the fence of PostgreSQL is gone, and goOn reports it', async () => {
    await tamperPostgres('DROP TRIGGER lockstep_guard ON loose')
    expect(await whoAccepts(pair)).toEqual({ sqlite: true, postgres: true })
    const faults = await goOn(pair, { operations, history: new Map(), next: oneOfEach })
    expect(faults).toContain(
      'after the crash: sqlite is the primary, but writes are taken by {"sqlite":true,"postgres":true}',
    )
  })
})
