import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/cli/config.ts'
import { resolveOptions } from '../../src/options/options.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { parseFlagsText } from '../../src/route/flags-document.ts'
import { defaultFlags } from '../../src/route/flags.ts'
import { createShell } from './fake.ts'
import type { Shell } from './fake.ts'

const examples = new URL('../../config/', import.meta.url)

let shell: Shell
beforeEach(async () => {
  shell = await createShell({})
})
afterEach(() => shell.remove())

async function writeConfig(text: string): Promise<void> {
  await mkdir(join(shell.cwd, 'config'), { recursive: true })
  await writeFile(join(shell.cwd, 'config/lockstep.yaml'), text)
}

function load(env: Record<string, string> = {}): LockstepOptions {
  return loadConfig({ cwd: shell.cwd, env })
}

describe('the examples', () => {
  test('the configuration is good and shows the defaults', async () => {
    const raw = parse(await readFile(new URL('lockstep.yaml', examples), 'utf8')) as LockstepOptions
    const { testing: _, ...options } = resolveOptions(raw, '/srv')
    const sqlite = { path: 'app.db' }
    const flags = { file: 'config/flags.yaml' }
    const { testing: __, ...defaults } = resolveOptions({ sqlite, flags }, '/srv')
    expect(options).toEqual(defaults)
  })

  test('what is commented out in the configuration is the default, spelled right', async () => {
    const text = await readFile(new URL('lockstep.yaml', examples), 'utf8')
    const full = text.replaceAll(/^(\s*)# ?(\s*\w+:( .*)?)$/gm, '$1$2')
    const { admin, ...raw } = parse(
      full.replace(/^ *connectionString:.*$/m, ''),
    ) as LockstepOptions & { admin: { tls: object } }
    expect(Object.keys(admin)).toEqual(['tokenFile', 'readTokenFile', 'tls'])
    expect(Object.keys(raw)).toEqual(
      expect.arrayContaining([
        'applier',
        'ackTimeoutMs',
        'onUnconfirmed',
        'reads',
        'writes',
        'flip',
      ]),
    )
    const {
      columns,
      testing: _,
      ...options
    } = resolveOptions({ ...raw, columns: {}, overrides: [] }, '/srv')
    const {
      columns: __,
      testing: ___,
      ...defaults
    } = resolveOptions({ sqlite: raw.sqlite, flags: { file: 'config/flags.yaml' } }, '/srv')
    expect(columns).toEqual({})
    expect(options).toEqual(defaults)
  })

  test('the flags are the defaults', async () => {
    expect(parseFlagsText(await readFile(new URL('flags.yaml', examples), 'utf8'))).toEqual(
      defaultFlags,
    )
  })

  test('init writes those very files, and they work where they are', async () => {
    expect((await shell.run('init')).stdout).toBe(
      'wrote config/lockstep.yaml\nwrote config/flags.yaml\n',
    )
    for (const name of ['lockstep.yaml', 'flags.yaml']) {
      expect(await readFile(join(shell.cwd, 'config', name), 'utf8')).toBe(
        await readFile(new URL(name, examples), 'utf8'),
      )
    }
    expect(load()).toMatchObject({ sqlite: { path: './app.db' } })
  })

  test('init keeps files that are there', async () => {
    await writeConfig('mine')
    const { exitCode, stdout } = await shell.run('init --json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      written: [join(shell.cwd, 'config/flags.yaml')],
      kept: [join(shell.cwd, 'config/lockstep.yaml')],
    })
    expect(await readFile(join(shell.cwd, 'config/lockstep.yaml'), 'utf8')).toBe('mine')
  })

  test('init beside another configuration names the flags file that it wrote', async () => {
    await shell.run('init --config deploy/prod.yaml')
    const options = loadConfig({ path: 'deploy/prod.yaml', cwd: shell.cwd, env: {} })
    expect(options.flags).toEqual({ file: './deploy/flags.yaml' })
  })
})

describe('the environment', () => {
  test('it is enough without a file', () => {
    expect(load({ LOCKSTEP_SQLITE: 'a.db', DATABASE_URL: 'postgres://db/app' })).toMatchObject({
      sqlite: { path: 'a.db' },
      postgres: { connectionString: 'postgres://db/app' },
    })
  })

  test('it overrides the file, and the rest of the file stays', async () => {
    await writeConfig(
      'sqlite: { path: x.db, busyTimeoutMs: 9 }\npostgres: { host: h, password: p, schema: s }',
    )
    const url = load({
      LOCKSTEP_SQLITE: 'a.db',
      DATABASE_URL: 'postgres://db/app',
      PGHOST: 'other',
    })
    expect(url.sqlite).toEqual({ path: 'a.db', busyTimeoutMs: 9 })
    expect(url.postgres).toEqual({ connectionString: 'postgres://db/app', schema: 's' })
    const parts = load({ PGHOST: 'h2', PGPORT: '5433', PGUSER: 'me', PGDATABASE: 'd' })
    expect(parts.postgres).toEqual({
      host: 'h2',
      port: 5433,
      user: 'me',
      database: 'd',
      schema: 's',
    })
  })

  test.each(['foo', 'host=localhost dbname=app', 'http://db/app', 'postgres://me:secr#et@db/app'])(
    'DATABASE_URL=%s is refused by its name, and without its value',
    async (url) => {
      const wrong = (): unknown => load({ LOCKSTEP_SQLITE: 'a', DATABASE_URL: url })
      expect(wrong).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
      expect(wrong).toThrow(
        /^DATABASE_URL must be a URL such as postgres:\/\/user@localhost:5432\/app/,
      )
      expect(wrong).not.toThrow(url)
      await writeConfig(`sqlite: { path: a }\npostgres: { connectionString: '${url}' }`)
      expect(() => load()).toThrow(/^postgres.connectionString must be a URL such as/)
    },
  )

  test.each([
    'postgres://db/app',
    'postgresql://me:p%23w@[::1]:5432/app?sslmode=require',
    'postgres://me@/app?host=/var/run/postgresql',
    'postgres:///app',
    '/var/run/postgresql app',
  ])('DATABASE_URL=%s is taken', (url) => {
    expect(load({ LOCKSTEP_SQLITE: 'a', DATABASE_URL: url }).postgres).toEqual({
      connectionString: url,
    })
  })

  test('a port that is no number is refused', () => {
    expect(() => load({ LOCKSTEP_SQLITE: 'a', PGHOST: 'h', PGPORT: 'x' })).toThrow(
      /postgres.port must be a whole number/,
    )
  })
})

describe('a wrong configuration', () => {
  test.each([
    ['sqlite: [', /lockstep.yaml: .* at line 1/s],
    ['- sqlite', /lockstep.yaml: must hold an object/],
    [
      'sqlite: { path: a.db }\npostgress: {}',
      /^postgress is not an option. Did you mean "postgres"\?/,
    ],
    ['sqlite: { path: a.db }\npostgres: postgres://me:secret@db', /^postgres must be an object$/],
    ['sqlite: { database: a.db }', /must be an open better-sqlite3 database/],
    ['postgres: { max: 3 }', /^sqlite.path or sqlite.database must be given/],
  ])('%j is refused', async (text, message) => {
    await writeConfig(text)
    expect(() => load()).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(() => load()).toThrow(message)
    expect((await shell.run('status')).exitCode).toBe(2)
    expect(shell.createLockstep).not.toHaveBeenCalled()
  })

  test('a file that --config names must be there', async () => {
    const { exitCode, stderr } = await shell.run('status --config nowhere.yaml')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('nowhere.yaml: ENOENT')
  })
})
