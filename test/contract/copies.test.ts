import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { backup, exportRows } from '../../src/steps/archive.ts'
import { createDatabase, onServer } from '../support/postgres.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const run = promisify(execFile)

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB, ratio REAL, born DATE);
  CREATE TABLE tags (tag TEXT COLLATE NOCASE PRIMARY KEY, n) WITHOUT ROWID;
  CREATE TABLE keyless (v TEXT, twice TEXT AS (v || v));
  INSERT INTO users VALUES (3, 'Ada', x'00ff', 0.1, '1815-12-10'), (1, '', x'', 1e-310, NULL), (2, NULL, NULL, 9e999, ''),
    (9223372036854775807, 'é "quoted"', NULL, -1.5, 'soon');
  INSERT INTO tags VALUES ('b', 1), ('A', 2), ('c', 9007199254740993);
  INSERT INTO keyless (v) VALUES ('z'), ('a')`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-copies-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)

const options = (pair: Pair): Parameters<typeof backup>[0] => ({
  sqlite: { path: pair.path },
  postgres: { connectionString: pair.url },
})

function contentsOf(directory: string): Record<string, string> {
  const names = readdirSync(directory).filter((name) => name !== 'manifest.json')
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )
}

describe('an export', () => {
  test.each(['csv', 'jsonl'] as const)(
    'as %s is the same from either place, byte for byte',
    async (format) => {
      await using pair = await openPair({ schema })
      await pair.db.caughtUp()
      const fromSqlite = await pair.db.export({ directory: at('a'), format, from: 'sqlite' })
      const fromPostgres = await pair.db.export({ directory: at('b'), format, from: 'postgres' })
      expect(Object.keys(contentsOf(at('a')))).toHaveLength(3)
      expect(contentsOf(at('b'))).toEqual(contentsOf(at('a')))
      expect(fromPostgres.tables).toEqual(fromSqlite.tables)
      expect([fromSqlite.place, fromPostgres.place, fromPostgres.primary]).toEqual([
        'sqlite',
        'postgres',
        'sqlite',
      ])
    },
  )

  test('is of the primary where no place is named, and of one snapshot', async () => {
    await using pair = await openPair({ schema })
    await flip(pair.db)
    let isChanged = false
    const report = await exportRows(options(pair), {
      directory: at('out'),
      format: 'jsonl',
      onProgress: () => {
        if (isChanged) return
        isChanged = true
        void pair.db.run('DELETE FROM users')
      },
    })
    expect(report).toMatchObject({ place: 'postgres', primary: 'postgres' })
    expect(report.tables.map(({ table, rows }) => [table, rows])).toEqual([
      ['keyless', 2],
      ['tags', 3],
      ['users', 4],
    ])
    await vi.waitFor(async () => expect(await pair.db.all('SELECT 1 FROM users')).toEqual([]))
  })
})

describe('a backup', () => {
  test('has the position of the journal in the very snapshot that it holds', async () => {
    await using pair = await openPair({ schema, stage: 'installed' })
    const { lockstep, mirror, tables } = await pair.db.backup({ file: at('a.db') })
    expect(mirror).toBeNull()
    expect(lockstep).toMatchObject({ epoch: 1, primary: 'sqlite', state: 'open', completed: false })
    await pair.db.run(`INSERT INTO keyless (v) VALUES ('new')`)
    const next = await pair.db.backup({ file: at('b.db') })
    expect(next.lockstep?.journal.newest).toBe((lockstep?.journal.newest ?? 0) + 1)
    expect(next.lockstep?.journal.waiting).toBe((lockstep?.journal.waiting ?? 0) + 1)
    expect(tables.map(({ table }) => table)).toEqual(['keyless', 'tags', 'users'])
  })

  test('of a mirror says how far it is behind, and is made without PostgreSQL as well', async () => {
    await using pair = await openPair({ schema, stage: 'flipped' })
    await pair.db.caughtUp()
    await pair.db.setFlags({ mirror: false })
    await pair.db.run(`INSERT INTO keyless (v) VALUES ('one'), ('two')`)
    const { mirror } = await pair.db.backup({ file: at('a.db') })
    expect(mirror?.entriesBehind).toBe(2)
    const away = { sqlite: { path: pair.path }, postgres: { host: '127.0.0.1', port: 1 } }
    const alone = await backup(away, { file: at('b.db') })
    expect(alone.mirror).toEqual({ ...mirror, entriesBehind: null })
  })
})

describe('a dump of PostgreSQL', () => {
  const path = process.env['PATH']
  afterEach(() => {
    process.env['PATH'] = path
  })

  /** A program of this name that comes first on PATH, and writes down how it was called. */
  function stand(name: string, version: string, body: string): void {
    mkdirSync(at('bin'), { recursive: true })
    const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo "${name} (PostgreSQL) ${version}"; exit; fi\n${body}\n`
    writeFileSync(at(`bin/${name}`), script)
    chmodSync(at(`bin/${name}`), 0o755)
    process.env['PATH'] = `${at('bin')}${delimiter}${path}`
  }

  test('gives the rows back on another database, where pg_dump is as new as the server', async () => {
    await using pair = await openPair({ schema })
    await pair.db.caughtUp()
    const server = Number.parseInt((await pair.pgRows('SHOW server_version'))[0]?.[0] ?? '', 10)
    const isNewEnough = (await pgDumpMajor(server)) >= server
    const older = expect.stringMatching(/newer than itself|no pg_dump/) as string
    const wanted = isNewEnough
      ? { file: 'a.dump', rows: [{ n: '4' }] }
      : { code: 'PG_DUMP_FAILED', message: older }
    expect(await reload(pair)).toMatchObject(wanted)
    expect(readdirSync(folder)).toHaveLength(isNewEnough ? 3 : 0)
  })

  test('gets the password by its environment, and nothing of it on the command line', async () => {
    const role = `lockstep_${randomBytes(6).toString('hex')}`
    const server = inject('postgresUrl')
    await onServer(server, `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'p w"d'`)
    stand(
      'pg_dump',
      '99.1',
      `echo "$@" > ${at('arguments')}; env > ${at('environment')}; for one; do case $one in --file=*) echo dump > "\${one#--file=}";; esac; done`,
    )
    stand('pg_restore', '99.1', 'exit 0')
    await using pair = await openPair({ schema, stage: 'plain' })
    const secret = { connectionString: asRole(pair.url, role, 'p%20w"d') }
    const { postgres } = await backup(
      { sqlite: { path: pair.path }, postgres: secret },
      { file: at('a.db'), postgres: at('a.dump') },
    )
    expect(postgres).toMatchObject({ file: 'a.dump', bytes: 5, pgDumpVersion: '99.1' })
    expect(readFileSync(at('arguments'), 'utf8')).toMatch(
      /^--format=custom --no-password --file=\S+\.partial-\S+\n$/,
    )
    const environment = readFileSync(at('environment'), 'utf8').split('\n')
    expect(environment).toEqual(
      expect.arrayContaining([
        'PGPASSWORD=p w"d',
        `PGDATABASE=${new URL(pair.url).pathname.slice(1)}`,
        `PGUSER=${role}`,
      ]),
    )
    await onServer(server, `DROP ROLE ${role}`)
  })

  test('that is of an older version, fails or is not there is told, and nothing is left', async () => {
    await using pair = await openPair({ schema, stage: 'plain' })
    const dump = (): Promise<unknown> =>
      backup(options(pair), { file: at('a.db'), postgres: at('a.dump') })
    const away = { sqlite: { path: pair.path }, postgres: { host: '127.0.0.1', port: 1 } }
    await expect(backup(away, { file: at('a.db'), postgres: at('a.dump') })).rejects.toMatchObject({
      code: 'POSTGRES_UNREACHABLE',
    })
    stand('pg_config', '', `echo ${at('bin')}`)
    stand('pg_dump', '99.1', 'echo "permission denied for schema lockstep" >&2; exit 1')
    await expect(dump()).rejects.toMatchObject({
      code: 'PG_DUMP_FAILED',
      message: expect.stringContaining('permission denied for schema lockstep') as string,
    })
    stand('pg_dump', '99.1', 'exec sleep 60')
    await expect(
      backup(options(pair), { file: at('a.db'), postgres: at('a.dump'), timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'BACKUP_TIMEOUT' })
    expect(readdirSync(folder)).toEqual(['bin'])
  })
})

function asRole(url: string, role: string, password: string): string {
  const changed = new URL(url)
  changed.username = role
  changed.password = password
  return changed.href
}

/** The newest pg_dump where Lockstep looks for one, or 0. */
async function pgDumpMajor(server: number): Promise<number> {
  const paths = ['pg_dump', `/usr/lib/postgresql/${server}/bin/pg_dump`]
  const majors = paths.map(async (path) => {
    const { stdout } = await run(path, ['--version']).catch(() => ({ stdout: '0' }))
    return Number.parseInt(/\d+/.exec(stdout)?.[0] ?? '', 10)
  })
  return Math.max(...(await Promise.all(majors)))
}

/** Dumps the pair's PostgreSQL, and restores it into another database; or what that failed with. */
async function reload(pair: Pair): Promise<unknown> {
  const other = await createDatabase()
  const client = new Client({ connectionString: other.url })
  try {
    const { postgres } = await pair.db.backup({ file: at('a.db'), postgres: at('a.dump') })
    await run('pg_restore', ['--no-owner', `--dbname=${other.url}`, at('a.dump')])
    await client.connect()
    const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM users')
    return { file: postgres?.file, rows }
  } catch (error) {
    return error
  } finally {
    await client.end()
    await other.drop()
  }
}
