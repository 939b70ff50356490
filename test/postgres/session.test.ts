import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres, type PostgresServer } from '../../src/postgres/connection.ts'
import { PostgresSession } from '../../src/postgres/session.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let server: PostgresServer
beforeAll(async () => {
  database = await createDatabase()
  server = openPostgres({
    connectionString: database.url,
    schema: 'public',
    max: 2,
    connectTimeoutMs: 5000,
    statementTimeoutMs: 5000,
  })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

test('a connection that broke says so twice, and the second time is not about the one that came after it', async () => {
  const session = new PostgresSession(server)
  const first = await session.client()
  expect(await session.tryLead()).toBe(true)
  const { rows } = await first.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const ended = new Promise<void>((resolve) => first.once('end', resolve))
  let second: ReturnType<PostgresSession['client']> | undefined
  first.once('error', () => {
    second = session.client()
  })
  await server.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
  await ended
  expect(session.leader).toBe(false)
  expect(await session.client()).toBe(await second)
  expect(await session.tryLead()).toBe(true)
  await session.drop()
  // A connection that nobody knows would still lead.
  const other = new PostgresSession(server)
  await expect.poll(() => other.tryLead()).toBe(true)
  await other.drop()
})
