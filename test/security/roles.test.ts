import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/index.ts'
import { createRoles, type Role, type Roles } from './roles.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
  CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE, total REAL, slip BLOB);
  CREATE TABLE notes (word TEXT);
  CREATE INDEX orders_by_user ON orders (user_id);
  CREATE TRIGGER first_order AFTER INSERT ON users BEGIN INSERT INTO orders (user_id, total) VALUES (NEW.id, 0.5); END;
  INSERT INTO users VALUES (1, 'Ada'); INSERT INTO notes VALUES ('first');`
const budget = { pauseBudgetMs: 10_000 }
const denied = { code: 'POSTGRES_DENIED' }

let roles: Roles
let owner: Lockstep
let app: Lockstep
let operator: Lockstep
beforeAll(async () => {
  roles = await createRoles(schema)
  owner = await roles.open('owner', { applier: { leaderPollMs: 10 } })
  app = await roles.open('app', { applier: { enabled: false } })
  operator = await roles.open('operator', { applier: { enabled: false } })
})
afterAll(() => roles[Symbol.asyncDispose]())

/** One write of each kind, and what both places then agree on. */
async function work(name: string): Promise<void> {
  await app.run('INSERT INTO users (name) VALUES (?)', [name])
  await app.transaction(async (tx) => {
    await tx.run(`INSERT INTO notes VALUES (upper('word of ' || ?))`, [name])
    await tx.run('UPDATE orders SET slip = ? WHERE user_id = 1', [Buffer.from(name)])
  })
  await app.run('DELETE FROM users WHERE name = ?', [`old ${name}`])
  await app.caughtUp()
  // Problems too: without a right on a sequence newer servers say that it was never drawn from.
  expect(await operator.verify()).toMatchObject({ equal: true, problems: [] })
}

async function readsOnBoth(): Promise<unknown> {
  const sql = `SELECT u.name, count(o.id) AS n, max(length(o.slip)) AS slip FROM users u
    LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id ORDER BY u.id`
  const answers: unknown[] = []
  for (const postgres of [0, 100]) {
    await operator.setFlags({ reads: { postgres } })
    await expect.poll(async () => (await app.status()).flags.reads.postgres).toBe(postgres)
    answers.push(await app.all(sql))
  }
  expect(answers[1]).toEqual(answers[0])
  return answers[0]
}

describe('the whole journey runs as the roles of the guide', () => {
  test('none of which is a superuser, or may become one', async () => {
    const about = 'SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication'
    for (const role of ['owner', 'app', 'operator'] as Role[])
      expect(
        await roles.query(role, `${about} FROM pg_roles WHERE rolname = current_user`),
      ).toEqual([
        {
          rolsuper: false,
          rolcreaterole: false,
          rolcreatedb: false,
          rolbypassrls: false,
          rolreplication: false,
        },
      ])
  })

  test('the owner installs, makes the tables and copies; the application writes meanwhile', async () => {
    await owner.install()
    await roles.grantAfterInstall()
    await owner.applySchema()
    await Promise.all([owner.backfill(), app.run(`INSERT INTO users (name) VALUES ('Grace')`)])
    await work('Lin')
    expect(await app.all('SELECT name FROM users')).toHaveLength(3)
  })

  test('the operator verifies, asks for the gates, backs up and exports, and writes nothing', async () => {
    expect((await operator.ready()).ready).toBe(true)
    expect((await operator.status()).postgres.reachable).toBe(true)
    await operator.backup({ file: join(roles.folder, 'copy.db') })
    for (const from of ['sqlite', 'postgres'] as const)
      await operator.export({ directory: join(roles.folder, from), format: 'csv', from })
  })

  test('the application reads from either place, and alike', async () => {
    expect(await readsOnBoth()).toHaveLength(3)
  })

  test.each(['app', 'operator'] as const)(
    'a flip by the %s is refused before a write is held, and changes nothing',
    async (role) => {
      const before = await operator.status()
      const db = role === 'app' ? app : operator
      await expect(db.flip('postgres', { ...budget, force: true })).rejects.toMatchObject(denied)
      const { primary, state, epoch } = await operator.status()
      expect({ primary, state, epoch }).toEqual({
        primary: before.primary,
        state: before.state,
        epoch: before.epoch,
      })
      await work(`after ${role}`)
    },
  )

  test('it goes there, back, and there again, and the application writes on each', async () => {
    for (const to of ['postgres', 'sqlite', 'postgres'] as const) {
      expect((await owner.flip(to, budget)).to).toBe(to)
      await work(`${to} ${(await operator.status()).epoch}`)
      await readsOnBoth()
    }
  })

  test('a change of the schema is the owner’s, and the application has the new table at once', async () => {
    await expect(app.exec('CREATE TABLE mine (id INTEGER PRIMARY KEY)')).rejects.toMatchObject(
      denied,
    )
    await owner.exec('CREATE TABLE later (id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT)')
    expect(await app.run(`INSERT INTO later (word) VALUES ('new')`)).toEqual({
      changes: 1,
      lastInsertRowid: 1,
    })
    expect((await operator.verify()).equal).toBe(true)
  })

  test.each([
    ['app', 'DELETE FROM lockstep.journal'],
    ['app', 'UPDATE lockstep.control SET epoch = 99'],
    ['app', `SELECT setval('lockstep.fence', 99)`],
    ['app', 'DROP TRIGGER lockstep_guard ON users'],
    ['app', 'ALTER TABLE users DISABLE TRIGGER ALL'],
    ['app', 'CREATE TABLE public.stray (id int)'],
    ['app', 'TRUNCATE users'],
    ['operator', 'DELETE FROM users'],
    ['operator', `INSERT INTO lockstep.journal (tbl, key) VALUES (1, '{1}')`],
  ] as const)('the %s may not %s', async (role, sql) => {
    await expect(roles.query(role, sql)).rejects.toMatchObject({ code: '42501' })
  })

  test('it ends on PostgreSQL, where the application goes on alone', async () => {
    await owner.complete()
    await app.run(`INSERT INTO users (name) VALUES ('last')`)
    expect(await app.get(`SELECT name FROM users WHERE name = 'last'`)).toEqual({ name: 'last' })
  })
})
