import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  installCompat,
  uninstallCompat,
  currentRelease,
  type CompatRelease,
} from '../../src/compat/install.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let client: Client
beforeAll(async () => {
  database = await createDatabase()
  client = await connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})
beforeEach(async () => {
  await client.query('DROP TABLE IF EXISTS app')
  await client.query('DROP SCHEMA IF EXISTS sqlite CASCADE')
})

async function connect(): Promise<Client> {
  const made = new Client({ connectionString: database.url })
  await made.connect()
  return made
}

async function inTransaction<T>(on: Client, work: () => Promise<T>): Promise<T> {
  await on.query('BEGIN')
  try {
    const result = await work()
    await on.query('COMMIT')
    return result
  } catch (error) {
    await on.query('ROLLBACK')
    throw error
  }
}

const install = (release?: CompatRelease): Promise<void> =>
  inTransaction(client, () => installCompat(client, release))

async function oids(): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT oid, xmin::text FROM pg_proc WHERE pronamespace = 'sqlite'::regnamespace ORDER BY oid`,
  )
  return rows
}

function release(
  version: number,
  body: string,
  migrations: CompatRelease['migrations'] = [],
): CompatRelease {
  const sql = `CREATE OR REPLACE FUNCTION sqlite.answer() RETURNS int LANGUAGE sql IMMUTABLE AS $$ ${body} $$;`
  return { version, files: [{ group: 'only', sql }], migrations }
}

test('installing again changes nothing, down to the rows of the catalog', async () => {
  await install()
  const before = await oids()
  await install()
  expect(before.length).toBeGreaterThan(150)
  expect(await oids()).toEqual(before)
})

test('two processes that install at once both succeed', async () => {
  const others = await Promise.all([connect(), connect(), connect()])
  try {
    await Promise.all(others.map((other) => inTransaction(other, () => installCompat(other))))
  } finally {
    await Promise.all(others.map((other) => other.end()))
  }
  const { rows } = await client.query(
    `SELECT sqlite.substr('hello', -3) AS text, count(*)::int AS versions FROM sqlite.version GROUP BY 1`,
  )
  expect(rows).toEqual([{ text: 'llo', versions: 1 }])
})

test('an older schema is brought up to date: its migrations run once, in order', async () => {
  await install(release(1, 'SELECT 1'))
  await client.query('CREATE TABLE app (x int CHECK (x > sqlite.answer()))')
  const step = (version: number, text: string): CompatRelease['migrations'][number] => ({
    version,
    sql: `INSERT INTO sqlite.steps VALUES ('${text}')`,
  })
  await client.query('CREATE TABLE sqlite.steps (text text)')
  const third = release(3, 'SELECT 3', [step(3, 'third'), step(1, 'never'), step(2, 'second')])
  await install(third)
  await install(third)
  const { rows } = await client.query(
    `SELECT array_agg(text) AS steps, sqlite.answer() AS answer FROM sqlite.steps`,
  )
  expect(rows).toEqual([{ steps: ['second', 'third'], answer: 3 }])
})

test('a file that has changed within a version is run again', async () => {
  await install(release(1, 'SELECT 1'))
  await install(release(1, 'SELECT 2'))
  const { rows } = await client.query('SELECT sqlite.answer() AS answer')
  expect(rows).toEqual([{ answer: 2 }])
})

test('an older process leaves a newer schema alone and says so', async () => {
  await install(release(7, 'SELECT 7'))
  await expect(install()).rejects.toMatchObject({
    code: 'COMPAT_VERSION',
    details: { found: 7, known: currentRelease().version },
  })
  const { rows } = await client.query('SELECT sqlite.answer() AS answer')
  expect(rows).toEqual([{ answer: 7 }])
})

test("someone else's schema of that name is not touched", async () => {
  await client.query('CREATE SCHEMA sqlite; CREATE TABLE sqlite.theirs (x int)')
  await expect(install()).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' })
  expect(await inTransaction(client, () => uninstallCompat(client))).toBe(true)
  await client.query('SELECT x FROM sqlite.theirs')
})

test('a failed install leaves nothing behind', async () => {
  await expect(
    install({ version: 1, migrations: [], files: [{ group: 'bad', sql: 'SELECT nonsense' }] }),
  ).rejects.toThrow('nonsense')
  const { rows } = await client.query(`SELECT to_regnamespace('sqlite') AS schema`)
  expect(rows).toEqual([{ schema: null }])
})

test('uninstalling takes the schema out, except where an index or a CHECK is built on it', async () => {
  await install()
  await client.query('CREATE TABLE app (t text); CREATE INDEX app_day ON app (sqlite.date_i(t))')
  expect(await inTransaction(client, () => uninstallCompat(client))).toBe(false)
  await client.query(`INSERT INTO app VALUES ('2024-02-29 12:00:00')`)
  await client.query('DROP TABLE app')
  expect(await inTransaction(client, () => uninstallCompat(client))).toBe(true)
  const { rows } = await client.query(`SELECT to_regnamespace('sqlite') AS schema`)
  expect(rows).toEqual([{ schema: null }])
})

test('every function that changes nothing may run in parallel workers, and none opens a subtransaction', async () => {
  await install()
  // What triggers of a view write, a worker must not.
  const writes = `proname = 'instead_of'`
  const { rows } = await client.query<{ name: string }>(
    `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'sqlite'::regnamespace
      AND ((proparallel = 'u') <> (${writes}) OR (proparallel = 'r') <> (proname LIKE 'random%') OR prosrc ~ '\\mEXCEPTION\\s+WHEN\\M')`,
  )
  expect(rows).toEqual([])
})

test('functions give the same with any search_path', async () => {
  await install()
  await client.query(
    `CREATE SCHEMA IF NOT EXISTS trap; CREATE OR REPLACE FUNCTION trap.length(text) RETURNS int LANGUAGE sql AS 'SELECT -1'`,
  )
  await inTransaction(client, async () => {
    await client.query(`SET LOCAL search_path = ''`)
    const { rows } = await client.query(
      `SELECT sqlite.substr('hello'::text, -3) AS a, sqlite.date('2024-01-31'::text, '+1 month') AS b, sqlite.json_extract('{"a":[1,2]}', '$.a[#-1]') AS c, sqlite.format('%.2f', '2.675'::json) AS d`,
    )
    expect(rows).toEqual([{ a: 'llo', b: '2024-03-02', c: 2, d: '2.67' }])
  })
})
