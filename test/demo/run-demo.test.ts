import { PassThrough } from 'node:stream'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDemo } from '../../src/demo/run-demo.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createFraud } from './stand-in.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(async () => {
  await database.drop()
})

async function demoDatabases(): Promise<number> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_database WHERE datname ~ '^lockstep_demo_[0-9a-f]{8}$'`,
  )
  await client.end()
  return rows[0]?.n ?? -1
}

test('a Lockstep that moves nothing and says that all is well does not get past the verdict', async () => {
  const output = new PassThrough()
  const verdict = await runDemo({
    createLockstep: createFraud,
    databaseUrl: database.url,
    rows: 2_000,
    seconds: 2,
    writers: 3,
    readers: 2,
    output,
  })
  const text = String(output.read())
  expect(verdict.figures.failure).toBeNull()
  expect(verdict.figures.errors).toEqual([])
  expect(verdict.figures.flips.map(({ to }) => to)).toEqual(['postgres', 'sqlite', 'postgres'])
  expect(verdict.figures.acknowledged).toBeGreaterThan(50)
  const failing = verdict.claims.filter(({ holds }) => !holds).map(({ claim }) => claim)
  expect(failing).toEqual([
    'every acknowledged write is present exactly once on postgres',
    'PostgreSQL goes on alone after complete',
  ])
  expect(verdict.figures.ledger.postgres?.lost).toBeGreaterThan(50)
  expect(verdict.ok).toBe(false)
  for (const part of ['backfill', 'flip to postgres', 'lost', 'It did not hold.'])
    expect(text).toContain(part)
  expect(await demoDatabases()).toBe(0)
})

test('a demo that cannot begin says why, as one JSON document, and leaves nothing behind', async () => {
  const output = new PassThrough()
  const verdict = await runDemo({
    createLockstep: async () => await Promise.reject(new Error('no such thing')),
    databaseUrl: database.url,
    rows: 500,
    json: true,
    output,
  })
  expect(verdict.ok).toBe(false)
  const printed = JSON.parse(String(output.read())) as typeof verdict
  expect(printed.figures.failure).toBe('no such thing')
  expect(printed.ok).toBe(false)
  expect(await demoDatabases()).toBe(0)
})

test('a file that is no database is a wrong argument, told before anything is started', async () => {
  const output = new PassThrough()
  const demo = runDemo({ createLockstep: createFraud, db: import.meta.filename, output })
  await expect(demo).rejects.toThrow(TypeError)
  await expect(demo).rejects.toThrow('is not an SQLite database')
  expect(await demoDatabases()).toBe(0)
})
