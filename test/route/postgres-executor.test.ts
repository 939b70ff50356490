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
const settings = { ...runContext(), schema: 'public', schemaChanges: noChanges }

test('a read that PostgreSQL refuses for its isolation runs again, as a write does', async () => {
  const executor = createPostgresExecutor({ ...settings, pool, maxRetries: 2 })
  expect(await executor.read('values', plan, [])).toEqual([[3]])
})

test('a read that is refused more often than it may be tried gives its caller the refusal', async () => {
  const executor = createPostgresExecutor({ ...settings, pool, maxRetries: 1 })
  await expect(executor.read('values', plan, [])).rejects.toMatchObject({
    code: 'SERIALIZATION_FAILED',
  })
})
