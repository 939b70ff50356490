import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPostgresExecutor } from '../../src/route/postgres-executor.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { noChanges, planOf, runContext } from '../support/statements.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createDatabase()
  await onServer(
    database.url,
    // A sequence counts through rollbacks: the statement is refused twice, as by SSI, and then answers.
    `CREATE SEQUENCE attempts;
     CREATE FUNCTION refuse_twice() RETURNS bigint LANGUAGE plpgsql AS $$
     DECLARE attempt bigint := nextval('attempts');
     BEGIN
       IF attempt % 3 <> 0 THEN
         RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
       END IF;
       RETURN attempt;
     END $$;
     CREATE VIEW shy AS SELECT refuse_twice() AS attempt`,
  )
  pool = new Pool({ connectionString: database.url, max: 1 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const plan = planOf('SELECT attempt FROM shy')
const settings = {
  ...runContext(),
  schema: 'public',
  schemaChanges: noChanges,
  checkOpen: () => undefined,
}

test('a read that PostgreSQL refuses for its isolation runs again, as a write does', async () => {
  const executor = createPostgresExecutor({
    ...settings,
    pool,
    poolOfRead: () => pool,
    maxRetries: 2,
  })
  expect(await executor.read('values', plan, [])).toEqual([[3]])
})

test('a read that is refused more often than it may be tried gives its caller the refusal', async () => {
  const executor = createPostgresExecutor({
    ...settings,
    pool,
    poolOfRead: () => pool,
    maxRetries: 1,
  })
  await expect(executor.read('values', plan, [])).rejects.toMatchObject({
    code: 'SERIALIZATION_FAILED',
  })
})

test('a statement and its savepoint are one round trip, and one that fails undoes itself alone', async () => {
  await onServer(database.url, 'CREATE SCHEMA lockstep; CREATE TABLE kept (n bigint PRIMARY KEY)')
  await onServer(
    database.url,
    'CREATE FUNCTION lockstep.enter() RETURNS void LANGUAGE sql AS $$ SELECT $$',
  )
  const pipelined = new Pool({ connectionString: database.url, max: 1, pipeline: true })
  const events: string[] = []
  pipelined.on('connect', (client) => {
    const query = client.query.bind(client) as (asked: unknown) => Promise<unknown>
    const spy = (asked: string | { text: string }): Promise<unknown> => {
      events.push('sent')
      return query(asked).finally(() => events.push('answered'))
    }
    Object.assign(client, { query: spy })
  })
  const executor = createPostgresExecutor({
    ...settings,
    pool: pipelined,
    poolOfRead: () => pipelined,
    maxRetries: 0,
  })
  await executor.transaction(async ({ call }) => {
    await call('run', planOf('INSERT INTO kept VALUES (1)'), [])
    events.length = 0
    await call('run', planOf('INSERT INTO kept VALUES (2)'), [])
    expect(events.slice(0, 3)).toEqual(['sent', 'sent', 'sent'])
    const both = [
      call('run', planOf('INSERT INTO kept VALUES (2)'), []),
      call('run', planOf('INSERT INTO kept VALUES (3)'), []),
    ]
    const [failed, went] = await Promise.allSettled(both)
    expect(failed).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' } })
    expect(went?.status).toBe('fulfilled')
  })
  const plan = planOf('SELECT n FROM kept ORDER BY n')
  expect(await executor.read('values', plan, [])).toEqual([[1], [2], [3]])
  await pipelined.end()
})

test('savepoints of the application have any name in any case, and nest with the same one', async () => {
  const executor = createPostgresExecutor({
    ...settings,
    pool,
    poolOfRead: () => pool,
    maxRetries: 0,
  })
  await executor.transaction(async ({ call }) => {
    const run = (sql: string): Promise<unknown> => call('run', planOf(sql), [])
    const long = `"${'long name; '.repeat(20)}"`
    await run(`SAVEPOINT ${long}`)
    await run('INSERT INTO kept VALUES (10)')
    await run('SAVEPOINT Same')
    await run('INSERT INTO kept VALUES (11)')
    await run('SAVEPOINT same')
    await run('INSERT INTO kept VALUES (12)')
    await run('ROLLBACK TO SAME')
    await run('RELEASE "sAmE"')
    await run('ROLLBACK TO same')
    await expect(run('RELEASE other')).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
      message: 'no such savepoint: other',
    })
    await run(`RELEASE ${long}`)
    await expect(run('RELEASE same')).rejects.toMatchObject({ code: 'SQLITE_ERROR' })
  })
  const plan = planOf('SELECT n FROM kept WHERE n >= 10')
  expect(await executor.read('values', plan, [])).toEqual([[10]])
})

test('a pool that was warmed has all its connections, set for SQLite, before the first statement comes', async () => {
  const cold = new Pool({ connectionString: database.url, max: 3 })
  const executor = createPostgresExecutor({
    ...settings,
    pool: cold,
    poolOfRead: () => cold,
    maxRetries: 0,
  })
  await executor.warm()
  expect({ open: cold.totalCount, idle: cold.idleCount }).toEqual({ open: 3, idle: 3 })
  const busy = await cold.connect()
  const { rows } = await busy.query('SHOW default_transaction_isolation')
  expect(rows).toEqual([{ default_transaction_isolation: 'serializable' }])
  // What is in use meanwhile is left alone, and is not waited for.
  await executor.warm()
  busy.release()
  await cold.end()
  await executor.warm()
})
