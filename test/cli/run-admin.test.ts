import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminConfig, parseAddress, withOwnToken } from '../../src/cli/admin-config.ts'
import { built } from '../support/built.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let folder: string
let database: TestDatabase
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-run-admin-'))
  const file = new Database(join(folder, 'app.db'))
  file.pragma('journal_mode = WAL')
  file.close()
  database = await createDatabase()
})
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

describe('an address', () => {
  test.each([
    ['127.0.0.1:8780', { host: '127.0.0.1', port: 8780 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['8780', { host: '127.0.0.1', port: 8780 }],
  ])('%s is one', (text, parsed) => expect(parseAddress(text)).toEqual(parsed))

  test.each(['', ':', '127.0.0.1', '::1:80', 'http://localhost:80', 'localhost:99999', 'a b:80'])(
    '%j is none',
    (text) => expect(() => parseAddress(text)).toThrow('must be an address'),
  )
})

describe('tokens', () => {
  test('come from the environment, then from files that it or the configuration names', () => {
    writeFileSync(join(folder, 'operator'), 'from-the-file-of-config\n')
    writeFileSync(join(folder, 'reader'), '  from-the-file-of-env\n')
    const raw = { tokenFile: './operator' }
    const env = { LOCKSTEP_ADMIN_READ_TOKEN_FILE: 'reader' }
    expect(adminConfig('8780', { cwd: folder, env, raw }).tokens).toEqual({
      operator: 'from-the-file-of-config',
      reader: 'from-the-file-of-env',
    })
    const both = { LOCKSTEP_ADMIN_TOKEN: 'from-the-environment' }
    expect(adminConfig('8780', { cwd: folder, env: both, raw }).tokens).toMatchObject({
      operator: 'from-the-environment',
    })
  })

  test('are never in the configuration itself, and a misspelled key is told', () => {
    const read = (raw: unknown): unknown => adminConfig('8780', { cwd: folder, env: {}, raw })
    expect(() => read({ token: 'secret-secret-secret' })).toThrow('admin.token is not an option')
    expect(() => read({ token: 'secret-secret-secret' })).not.toThrow('secret-secret')
    expect(() => read({ tls: { cert: 'a' } })).toThrow('admin.tls.key must name a file')
    expect(() => read({ tokenFile: 'nowhere' })).toThrow('cannot read the token')
  })

  test('that nobody gave are kept beside the SQLite file, for its owner alone', () => {
    const path = join(folder, 'own.db')
    const { options, file } = withOwnToken({ host: '127.0.0.1', port: 0 }, path)
    expect(options.tokens?.operator).toMatch(/^[\w-]{43}$/)
    expect(statSync(file ?? '').mode & 0o777).toBe(0o600)
    expect(withOwnToken({ host: '127.0.0.1', port: 0 }, path).options).toEqual(options)
    expect(withOwnToken({ host: '', port: 0, tokens: { reader: 'x' } }, path).file).toBeNull()
  })
})

test('run --admin serves on loopback with a token of its own, and ends its streams when it is stopped', async () => {
  const child = spawn(process.execPath, [built('bundle/cli.js'), 'run', '--admin', '127.0.0.1:0'], {
    cwd: folder,
    env: { ...process.env, LOCKSTEP_SQLITE: 'app.db', DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  await expect.poll(() => log, { timeout: 30_000 }).toMatch(/admin: http/)
  const [, url = '', file = ''] = /admin: (\S+) \(its token is in (.+)\)/.exec(log) ?? []
  const token = readFileSync(file, 'utf8').trim()
  expect(log).not.toContain(token)
  expect(log).toContain('Lockstep is not installed on this file')
  const headers = { authorization: `Bearer ${token}` }
  expect((await fetch(`${url}v1/status`)).status).toBe(401)
  const status = await fetch(`${url}v1/status`, { headers })
  expect(await status.json()).toMatchObject({ stage: 'off', primary: 'sqlite' })
  const stream = await fetch(`${url}v1/events`, { headers })
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
  await stream.body?.cancel().catch(() => undefined)
})

test('run --admin on an address that others reach needs a token', async () => {
  const child = spawn(process.execPath, [built('bundle/cli.js'), 'run', '--admin', '0.0.0.0:0'], {
    cwd: folder,
    env: { ...process.env, LOCKSTEP_SQLITE: 'app.db', DATABASE_URL: database.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2)
  expect(log).toMatch(/CONFIG_INVALID/)
})
