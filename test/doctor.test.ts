import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctor } from '../src/steps/doctor.ts'
import { createDatabase, type TestDatabase } from './support/postgres.ts'
import { nowhere } from './docs/world.ts'

let folder: string
let database: TestDatabase
let admin: Client
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-doctor-'))
  database = await createDatabase()
  admin = new Client({ connectionString: database.url })
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await database.drop()
  rmSync(folder, { recursive: true })
})

/** What is not `ok`, by name. */
async function found(
  path: string,
  connectionString = database.url,
): Promise<Record<string, string>> {
  const { checks } = await doctor({ sqlite: { path }, postgres: { connectionString } })
  const bad = checks.filter(({ level }) => level !== 'ok')
  return Object.fromEntries(bad.map(({ place, name, level }) => [`${place} ${name}`, level]))
}

function create(name: string, sql: string): string {
  const path = join(folder, name)
  const db = new Database(path)
  db.exec(sql)
  db.close()
  return path
}

test('a healthy pair has nothing wrong, and no file is changed', async () => {
  const path = create('good.db', 'PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER)')
  const report = await doctor({ sqlite: { path }, postgres: { connectionString: database.url } })
  expect(report.checks.filter(({ level }) => level === 'wrong')).toEqual([])
  expect(report.ok).toBe(true)
  const names = report.checks.map(({ name }) => name)
  for (const name of [
    'journal_mode',
    'rights',
    'encoding',
    'pool',
    'tls',
    'session',
    'disk',
    'clock',
  ])
    expect(names).toContain(name)
  expect((await admin.query(`SELECT to_regnamespace('lockstep') AS found`)).rows).toEqual([
    { found: null },
  ])
})

test('a file that is not in WAL mode, has another encoding, is no database, or is not there', async () => {
  expect(await found(create('delete.db', 'CREATE TABLE t (id INTEGER)'))).toMatchObject({
    'sqlite journal_mode': 'wrong',
  })
  const utf16 = create(
    'utf16.db',
    `PRAGMA encoding = 'UTF-16le'; PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER)`,
  )
  expect(await found(utf16)).toMatchObject({ 'sqlite encoding': 'warning' })
  expect(await found(join(folder, 'none.db'))).toMatchObject({ 'sqlite file': 'wrong' })
})

test('a server that does not answer, and one that lacks the database', async () => {
  const path = create('server.db', 'PRAGMA journal_mode = WAL')
  expect(await found(path, nowhere)).toMatchObject({ 'postgres server': 'wrong' })
  const other = new URL(database.url)
  other.pathname = '/not_there'
  const { checks } = await doctor({ sqlite: { path }, postgres: { connectionString: other.href } })
  expect(checks.find(({ level }) => level === 'wrong')).toMatchObject({
    value: 'POSTGRES_NO_DATABASE',
  })
})

test('a user without rights, and a session that only reads', async () => {
  const path = create('rights.db', 'PRAGMA journal_mode = WAL')
  const name = new URL(database.url).pathname.slice(1)
  await admin.query(`CREATE ROLE doctor_reader LOGIN PASSWORD 'reads-only'`)
  try {
    await admin.query(`ALTER ROLE doctor_reader SET default_transaction_read_only = on`)
    const url = new URL(database.url)
    url.username = 'doctor_reader'
    url.password = 'reads-only'
    expect(await found(path, url.href)).toMatchObject({
      'postgres rights': 'wrong',
      'postgres writable': 'wrong',
    })
    await admin.query(
      `GRANT CREATE ON DATABASE "${name}" TO doctor_reader; GRANT CREATE ON SCHEMA public TO doctor_reader`,
    )
    expect(await found(path, url.href)).not.toHaveProperty('postgres rights')
    await admin.query(
      `REVOKE ALL ON DATABASE "${name}" FROM doctor_reader; REVOKE ALL ON SCHEMA public FROM doctor_reader`,
    )
  } finally {
    await admin.query(`DROP ROLE doctor_reader`)
  }
})
