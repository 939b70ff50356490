import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDemo } from '../../src/demo/run-demo.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { createFraud } from './stand-in.ts'

/** Whose databases are told from those of other demos on the server. */
const role = `demo_owner_${randomBytes(4).toString('hex')}`
let database: TestDatabase
let url: string
beforeAll(async () => {
  database = await createDatabase()
  await onServer(database.url, `CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'demo'`)
  const own = new URL(database.url)
  own.username = role
  own.password = 'demo'
  url = own.href
})
afterAll(async () => {
  await onServer(database.url, `DROP ROLE ${role}`)
  await database.drop()
})

async function demoDatabases(): Promise<string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database JOIN pg_roles AS r ON r.oid = datdba WHERE rolname = current_user`,
  )
  await client.end()
  return rows.map(({ name }) => name)
}

test('a Lockstep that moves nothing and says that all is well does not get past the verdict', async () => {
  const output = new PassThrough()
  const verdict = await runDemo({
    createLockstep: createFraud,
    databaseUrl: url,
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
  expect(await demoDatabases()).toEqual([])
})

test('a demo that cannot begin says why, as one JSON document, and leaves nothing behind', async () => {
  const output = new PassThrough()
  const verdict = await runDemo({
    createLockstep: async () => await Promise.reject(new Error('no such thing')),
    databaseUrl: url,
    rows: 500,
    json: true,
    output,
  })
  expect(verdict.ok).toBe(false)
  const printed = JSON.parse(String(output.read())) as typeof verdict
  expect(printed.figures.failure).toBe('no such thing')
  expect(printed.ok).toBe(false)
  expect(await demoDatabases()).toEqual([])
})

test('a file that is no database is a wrong argument, told before anything is started', async () => {
  const output = new PassThrough()
  const demo = runDemo({ createLockstep: createFraud, db: import.meta.filename, output })
  await expect(demo).rejects.toThrow(TypeError)
  await expect(demo).rejects.toThrow('is not an SQLite database')
  expect(await demoDatabases()).toEqual([])
})
