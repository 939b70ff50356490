import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  openSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createLockstep, type LockstepOptions } from '../../src/index.ts'
import { startPostgres } from '../support/postgres.ts'
import { refusal, refused, type Refusal } from './refusal.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

const refusalOf = (call: () => Promise<unknown>): Promise<Refusal> => refusal(rig, call)

function open(options: Partial<LockstepOptions> & Record<string, unknown>): Promise<Lockstep> {
  return createLockstep({
    sqlite: { path: rig.path },
    postgres: { connectionString: rig.url },
    ...options,
  })
}

describe('statements', () => {
  test.each(['plain', 'mirrored', 'flipped'])('wrong SQL, %s', async (stage) => {
    const db = stage === 'plain' ? await rig.open() : await rig.mirrored()
    if (stage === 'flipped') await db.flip('postgres', { force: true })
    expect(await refusalOf(() => db.run('INSRT INTO items'))).toMatchObject(
      refused('SQLITE_ERROR', /INSRT/) as Refusal,
    )
    expect(await refusalOf(() => db.all('SELECT * FROM nowhere'))).toMatchObject(
      refused('SQLITE_ERROR', /nowhere/) as Refusal,
    )
    expect(await refusalOf(() => db.all('SELECT missing FROM items'))).toMatchObject(
      refused('SQLITE_ERROR', /missing/) as Refusal,
    )
    const takeOver = `UPDATE _lockstep_control SET primary_place = 'postgres'`
    for (const write of [() => db.run(takeOver), () => db.transaction((tx) => tx.run(takeOver))])
      expect(await refusalOf(write)).toMatchObject(
        refused('SQLITE_ERROR', /table _lockstep_control may not be modified/) as Refusal,
      )
    await expect(db.run('INSERT INTO items (token, n) VALUES (?, ?)', ['x'])).rejects.toThrow(
      RangeError,
    )
    await expect(db.run('INSERT INTO items (token, n) VALUES (?, 0)', ['x', 1])).rejects.toThrow(
      RangeError,
    )
    await expect(db.run('INSERT INTO items (token, n) VALUES (:t, 0)', {})).rejects.toThrow(
      RangeError,
    )
    expect(await db.get('SELECT count(*) AS n FROM items')).toEqual({ n: 0 })
  })
})

describe('steps out of order', () => {
  test('before install and before the backfill', async () => {
    const db = await rig.open()
    const early: (() => Promise<unknown>)[] = [
      () => db.verify(),
      () => db.flip('postgres'),
      () => db.rollback(),
      () => db.backfill(),
      () => db.applySchema(),
      () => db.ready(),
      () => db.complete(),
      () => db.caughtUp(),
      () => db.repair({ table: 'items' }),
    ]
    for (const call of early)
      expect(await refusalOf(call)).toMatchObject(
        refused('NOT_INSTALLED', /db\.install\(\)/) as Refusal,
      )
    await db.install()
    for (const call of [() => db.verify(), () => db.flip('postgres'), () => db.caughtUp()])
      expect(await refusalOf(call)).toMatchObject(
        refused('BACKFILL_INCOMPLETE', /db\.backfill\(\)/) as Refusal,
      )
  })
})

describe('options and flags', () => {
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown option', { sqllite: {} }, 'CONFIG_INVALID', /sqllite.*Did you mean "sqlite"/],
    [
      'an unknown nested option',
      { applier: { idelPollMs: 1 } },
      'CONFIG_INVALID',
      /applier\.idelPollMs.*Did you mean "idlePollMs"/,
    ],
    [
      'an unknown flag',
      { flags: { initial: { miror: true } } },
      'CONFIG_INVALID',
      /miror.*Did you mean "mirror"/,
    ],
    ['an empty path', { sqlite: { path: '' } }, 'CONFIG_INVALID', /sqlite\.path/],
    ['a memory database', { sqlite: { path: ':memory:' } }, 'CONFIG_INVALID', /must name a file/],
    ['no SQLite at all', { sqlite: {} }, 'CONFIG_INVALID', /sqlite\.path/],
    [
      'a missing flags file',
      { flags: { file: '/nowhere/flags.yaml' } },
      'FLAGS_INVALID',
      /cannot be read/,
    ],
  ])('%s', async (_, options, code, message) => {
    expect(await refusalOf(() => open(options))).toMatchObject(refused(code, message) as Refusal)
  })

  test('an unknown flag that is set while running', async () => {
    const db = await rig.open()
    expect(await refusalOf(() => db.setFlags({ ak: 'both' } as never))).toMatchObject(
      refused('FLAGS_INVALID', /ak.*Did you mean "ack"/) as Refusal,
    )
    expect(db.flags().ack).toBe('primary')
  })

  test('an open memory database', async () => {
    const database = new Database(':memory:')
    expect(await refusalOf(() => open({ sqlite: { database } }))).toMatchObject(
      refused('SQLITE_CANTOPEN', /needs a database file/) as Refusal,
    )
    database.close()
  })
})

function elsewhere(change: (url: URL) => void): Partial<LockstepOptions> {
  const url = new URL(rig.url)
  change(url)
  return { postgres: { connectionString: url.href } }
}

describe('PostgreSQL', () => {
  test('unreachable at the first start, a missing database, a wrong password', async () => {
    expect(await refusalOf(() => open(elsewhere((url) => (url.port = '1'))))).toMatchObject(
      refused('POSTGRES_UNREACHABLE', /DATABASE_URL/) as Refusal,
    )
    expect(
      await refusalOf(() => open(elsewhere((url) => (url.pathname = '/nowhere')))),
    ).toMatchObject(refused('POSTGRES_NO_DATABASE', /create it/) as Refusal)
    const password = 'not-the-password'
    const wrong = (): Promise<Lockstep> => open(elsewhere((url) => (url.password = password)))
    expect(await refusalOf(wrong)).toMatchObject(
      refused('POSTGRES_UNREACHABLE', /password authentication failed/) as Refusal,
    )
    await expect(wrong()).rejects.not.toThrow(password)
  })

  test('unreachable at a later start: the application starts, SQLite serves, and it is mirrored later', async () => {
    const server = await startPostgres()
    const away = await createRig({ url: server.url })
    try {
      await (await away.mirrored()).close()
      await server.kill()
      const db = await away.open({ applier: { retryMinMs: 20, retryMaxMs: 100 } })
      await db.run(`INSERT INTO items (token, n) VALUES ('alone', 0)`)
      expect(await db.get('SELECT token FROM items')).toEqual({ token: 'alone' })
      expect(await db.status()).toMatchObject({ primary: 'sqlite', lag: { entries: 1 } })
      await server.restart()
      await db.caughtUp({ timeoutMs: 15_000 })
      expect(await away.differences()).toEqual([])
    } finally {
      await away.close()
      await server.stop()
    }
  })

  test('paired with another file', async () => {
    await rig.mirrored()
    const other = await createRig({ url: rig.url })
    const db = await other.open()
    expect(await refusalOf(() => db.install())).toMatchObject(
      refused('PAIR_MISMATCH', /another SQLite file/) as Refusal,
    )
    expect(
      other.sqlite((file) =>
        file.prepare(`SELECT 1 FROM sqlite_schema WHERE name LIKE '_lockstep%'`).get(),
      ),
    ).toBeUndefined()
    await other.close()
  })

  test('an installed file is not opened beside another server', async () => {
    const db = await rig.mirrored()
    await db.close()
    const other = await createRig()
    await (await other.mirrored()).close()
    expect(
      await refusalOf(() => open({ postgres: { connectionString: other.url } })),
    ).toMatchObject(refused('PAIR_MISMATCH', /another SQLite file/) as Refusal)
    await other.close()
  })

  test('tables that are there already: with rows, or with other columns', async () => {
    const db = await rig.open()
    await db.install()
    await rig.postgres('CREATE TABLE items (id bigint, token text COLLATE "C", n text)')
    expect(await refusalOf(() => db.applySchema())).toMatchObject(
      refused('SCHEMA_DRIFT', /n \(wants bigint, is text\)/) as Refusal,
    )
    await rig.postgres('DROP TABLE items')
    await db.applySchema()
    await rig.postgres(
      `BEGIN; SET LOCAL lockstep.applying = 'on'; INSERT INTO items VALUES (1, 'theirs', 0); COMMIT`,
    )
    expect(await refusalOf(() => db.backfill())).toMatchObject(
      refused('TARGET_NOT_EMPTY', /items/) as Refusal,
    )
    expect(await rig.postgres('SELECT token FROM items')).toEqual([{ token: 'theirs' }])
  })
})

function at(path: string): Partial<LockstepOptions> {
  return { sqlite: { path } }
}

describe('the SQLite file', () => {
  test('absent, no database, a folder, in rollback-journal mode', async () => {
    expect(await refusalOf(() => open(at(join(rig.folder, 'none.db'))))).toMatchObject(
      refused('SQLITE_CANTOPEN', /no SQLite file/) as Refusal,
    )
    const text = join(rig.folder, 'text.db')
    writeFileSync(text, 'this is no database, but it is long enough to be looked at\n'.repeat(40))
    expect(await refusalOf(() => open(at(text)))).toMatchObject(
      refused('SQLITE_NOTADB', /not a database/) as Refusal,
    )
    expect(await refusalOf(() => open(at(rig.folder)))).toMatchObject(
      refused('SQLITE_CANTOPEN', /./) as Refusal,
    )
    const rollback = join(rig.folder, 'rollback.db')
    const file = new Database(rollback)
    file.exec('CREATE TABLE t (id INTEGER PRIMARY KEY)')
    file.close()
    expect(await refusalOf(() => open(at(rollback)))).toMatchObject(
      refused('NOT_WAL', /PRAGMA journal_mode = WAL/) as Refusal,
    )
  })

  test('damaged: install finds it before anything is changed', async () => {
    rig.sqlite((file) => {
      const insert = file.prepare('INSERT INTO items (token, n) VALUES (?, 0)')
      for (let i = 0; i < 5000; i++) insert.run('some text that fills pages '.repeat(4))
      file.pragma('wal_checkpoint(TRUNCATE)')
    })
    const damaged = join(rig.folder, 'damaged.db')
    cpSync(rig.path, damaged)
    const handle = openSync(damaged, 'r+')
    for (let page = 20; page < 60; page++)
      writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
    const db = await open(at(damaged))
    expect(await refusalOf(() => db.install())).toMatchObject(
      refused('SQLITE_CORRUPT', /damaged|malformed/) as Refusal,
    )
    expect(await rig.postgres(`SELECT 1 FROM pg_namespace WHERE nspname = 'lockstep'`)).toEqual([])
    await db.close()
  })

  test('read-only for this user, or in a folder that is', async () => {
    for (const target of ['file', 'folder'] as const) {
      const folder = join(rig.folder, target)
      mkdirSync(folder)
      const path = join(folder, 'app.db')
      cpSync(rig.path, path)
      if (target === 'file') chmodSync(path, 0o444)
      else chmodSync(folder, 0o555)
      const failure = await openAsAnother(folder, path, target)
      expect(failure).toMatchObject({ code: 'SQLITE_READONLY' })
      expect(failure.message).toMatch(/make the file and its folder writable/)
      chmodSync(folder, 0o755)
    }
  })

  test('read-only by its connection', async () => {
    const database = new Database(rig.path, { readonly: true })
    expect(await refusalOf(() => open({ sqlite: { database } }))).toMatchObject(
      refused('SQLITE_READONLY', /read-only/) as Refusal,
    )
    database.close()
  })
})

/** Root may write everything, so the check runs as another user in a process of its own. */
async function openAsAnother(
  folder: string,
  path: string,
  target: 'file' | 'folder',
): Promise<{ code: string; message: string }> {
  const root = process.getuid?.() === 0
  if (root) {
    const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
    chmodSync(rig.folder, 0o755)
    if (target === 'file') chownSync(folder, uid, uid)
  }
  const script = join(rig.folder, 'open.mjs')
  writeFileSync(
    script,
    `const { openSqlite } = await import(process.argv[2])
     if (process.argv[4] !== '') process.setuid('nobody')
     try { openSqlite({ path: process.argv[3] }); process.send({ code: 'opened', message: '' }) }
     catch ({ code, message }) { process.send({ code, message }) }`,
  )
  const entry = new URL('../../dist/sqlite/connection.js', import.meta.url).href
  const child = fork(script, [entry, path, root ? 'root' : ''])
  const [answer] = (await once(child, 'message')) as [{ code: string; message: string }]
  child.disconnect()
  return answer
}

test('a slow start of the applier shows no error', async () => {
  const db = await rig.mirrored()
  const errors: unknown[] = []
  db.on('error', ({ error }) => errors.push(error))
  await until('it applies', async () => (await db.status()).applier.running)
  expect(errors).toEqual([])
})
