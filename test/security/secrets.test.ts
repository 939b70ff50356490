import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createAdmin } from '../../src/admin/index.ts'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import type { LockstepEvents } from '../../src/api.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { runCommand } from './command.ts'

const secret = 'hunter2-S3cret'
const role = `lockstep_secret_${process.pid}`

let database: TestDatabase
let folder: string
let path: string
let silent: ReturnType<typeof createServer>
beforeAll(async () => {
  database = await createDatabase()
  await onServer(inject('postgresUrl'), `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${secret}'`)
  folder = mkdtempSync(join(tmpdir(), 'lockstep-secrets-'))
  path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'one')`)
  file.close()
  mkdirSync(join(folder, 'config'))
  writeFileSync(join(folder, 'config', 'lockstep.yaml'), 'postgres: { connectTimeoutMs: 300 }')
  const db = await createLockstep({
    sqlite: { path },
    postgres: { connectionString: secretUrl() },
  })
  await db.install()
  await db.applySchema()
  await db.backfill()
  await db.close()
  silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  silent.close()
  rmSync(folder, { recursive: true })
  await database.drop()
  await onServer(inject('postgresUrl'), `DROP ROLE ${role}`)
})

function secretUrl(change: (url: URL) => void = () => undefined): string {
  const url = new URL(database.url)
  url.username = role
  url.password = secret
  change(url)
  return url.href
}

/** Each way in which a connection with a password can fail. */
const failing: Record<string, () => string> = {
  'a closed port': () => secretUrl((url) => (url.port = '1')),
  'a host that is not there': () => secretUrl((url) => (url.hostname = 'nowhere.invalid')),
  'a server that never answers': () =>
    secretUrl((url) => (url.port = String((silent.address() as AddressInfo).port))),
  'a database that is not there': () => secretUrl((url) => (url.pathname = '/nothing')),
  'a user that is not there': () => secretUrl((url) => (url.username = 'nobody')),
  'another password': () => secretUrl((url) => (url.password = `not-${secret}`)),
  'a server without TLS': () => secretUrl((url) => (url.search = '?sslmode=verify-full')),
  'a text that is no address': () => `postgres://me:${secret}@ho st:port/x`,
  'a port that is none': () => `postgres://me:${secret}@localhost:99999999/x`,
}

type Step = (db: Lockstep) => Promise<unknown>
const steps: Record<string, Step> = {
  install: (db) => db.install(),
  applySchema: (db) => db.applySchema(),
  backfill: (db) => db.backfill(),
  verify: (db) => db.verify(),
  repair: (db) => db.repair({ table: 't' }),
  caughtUp: (db) => db.caughtUp({ timeoutMs: 50 }),
  ready: (db) => db.ready(),
  flip: (db) => db.flip('postgres', { force: true }),
  status: (db) => db.status(),
  assess: (db) => db.assess(),
  'a dump': (db) => db.backup({ file: join(folder, 'x.db'), postgres: join(folder, 'x.dump') }),
}

/** Everything that is said, to whatever depth. */
const said = (value: unknown): string => inspect(value, { depth: 20, showHidden: true })
const events: readonly (keyof LockstepEvents)[] = [
  'error',
  'fallback',
  'degraded',
  'breaker',
  'drift',
]

async function everythingSaid(
  connectionString: string,
  connectTimeoutMs: number,
): Promise<string[]> {
  const heard: string[] = []
  const note = (value: unknown): void => void heard.push(said(value))
  try {
    const db = await createLockstep({
      sqlite: { path },
      postgres: { connectionString, connectTimeoutMs },
      applier: { leaderPollMs: 5, retryMinMs: 5 },
    })
    for (const event of events) db.on(event, note)
    for (const step of Object.values(steps)) await step(db).then(note, note)
    const admin = createAdmin(db, { tokens: { operator: 'a-token-of-the-admin-server' } })
    for (const route of ['/v1/status', '/v1/ready', '/v1/audit', '/metrics', '/healthz', '/readyz'])
      note(
        await (
          await admin.request(route, {
            headers: { authorization: 'Bearer a-token-of-the-admin-server', host: 'localhost' },
          })
        ).text(),
      )
    await db.close()
  } catch (error) {
    note(error)
  }
  return heard
}

describe('a password is in no error, event, status, metric or answer', () => {
  test.each(Object.entries(failing))('with %s', async (_, url) => {
    const heard = await everythingSaid(url(), 300)
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.filter((text) => text.includes(secret))).toEqual([])
  })

  test('with a connection that works', async () => {
    const heard = await everythingSaid(secretUrl(), 20_000)
    expect(heard.length).toBeGreaterThan(Object.keys(steps).length)
    expect(heard.filter((text) => text.includes(secret))).toEqual([])
  })

  test('and would be noticed in any of them', async () => {
    const leak = new Error('outer', {
      cause: Object.assign(new Error('inner'), { of: { secret } }),
    })
    expect(said(leak)).toContain(secret)
  })
})

describe('a password is in nothing that a command prints', () => {
  test.each(Object.entries(failing))('with %s', async (_, url) => {
    const commands = [['status'], ['doctor', '--json'], ['ready']]
    const printed = await Promise.all(
      commands.map((args) =>
        runCommand(args, { folder, env: { DATABASE_URL: url(), LOCKSTEP_SQLITE: path } }),
      ),
    )
    expect(printed.every((text) => text.length > 0)).toBe(true)
    expect(printed.filter((text) => text.includes(secret))).toEqual([])
  })
})
