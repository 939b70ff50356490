import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { Divergence, Params, StatementReport } from '../../src/api.ts'
import { createLockstep } from '../../src/index.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { built } from '../support/built.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'
import { settled } from './settled.ts'

const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, balance INTEGER CHECK (balance > -100), note TEXT);
  CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER, what TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, account INTEGER REFERENCES accounts (id) ON DELETE CASCADE, total DECIMAL);
  CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT UNIQUE, hits INTEGER DEFAULT 0);
  CREATE TABLE tokens (token TEXT PRIMARY KEY DEFAULT (hex(randomblob(8))), chance INTEGER);
  CREATE TRIGGER account_log AFTER UPDATE OF balance ON accounts BEGIN
    INSERT INTO log (account, what) VALUES (NEW.id, 'balance ' || NEW.balance);
  END;
  INSERT INTO accounts (name, balance) VALUES ('Ada', 10), ('Grace', 20), ('Edsger', 30);
  INSERT INTO orders VALUES (1, 1, 1.5), (2, 1, 2.5), (3, 2, 3.5);
  INSERT INTO tags VALUES (1, 'red', 5), (2, 'blue', 6), (7, 'green', 7);
  DELETE FROM tags WHERE id = 7;`

let pair: Pair
afterEach(async () => pair.close())

async function open(options: Partial<LockstepOptions> = {}, rehearse = 100): Promise<Pair> {
  pair = await openPair({
    schema,
    options: {
      flags: { initial: { shadow: { sample: 0, rehearse } } },
      ...options,
      // A test is not about how fast a busy machine is.
      shadow: { rehearseMaxMs: 10_000, ...options.shadow },
    },
  })
  await settled(pair.db)
  return pair
}

const counters = async () => (await pair.db.status()).counters.rehearsals
const openDivergences = (): Promise<Divergence[]> => pair.db.divergences({ state: 'open' })

async function reportOf(text: string): Promise<StatementReport> {
  const found = (await pair.db.statements()).find(({ statement }) => statement.includes(text))
  if (found === undefined) throw new Error(`no statement has ${text}`)
  return found
}

type Write = string | readonly [sql: string, args: Params]

/** One after the other, each of them a batch. */
async function write(...statements: readonly Write[]): Promise<void> {
  for (const one of statements) {
    const [sql, args] = typeof one === 'string' ? [one, []] : one
    await pair.db.run(sql, args).catch(() => undefined)
    await settled(pair.db)
  }
}

const writes: readonly Write[] = [
  ['INSERT INTO accounts (name, balance) VALUES (?, ?)', ['Alan', 5]],
  ['UPDATE accounts SET balance = balance + :more WHERE name = :name', { more: 3, name: 'Alan' }],
  'DELETE FROM orders WHERE id = 3',
  "INSERT OR REPLACE INTO tags (name, hits) VALUES ('red', 11)",
  "INSERT INTO accounts (name, balance) VALUES ('Ada', 1) ON CONFLICT (name) DO UPDATE SET balance = 12",
  "INSERT OR IGNORE INTO tags (name) VALUES ('blue')",
  "INSERT INTO tags (name) VALUES ('black'), ('white')",
  'INSERT INTO orders (account, total) VALUES (2, 9.25), (3, 1)',
  'DELETE FROM accounts WHERE id = 2',
  'UPDATE tags SET hits = hits + 1',
  "UPDATE tags SET hits = 0 WHERE name LIKE 'BL%'",
]

test('writes that do the same on both places are equal: generated keys, cascades and triggers among them', async () => {
  await open()
  await write(...writes)
  expect(await openDivergences()).toEqual([])
  expect(await counters()).toMatchObject({
    batches: writes.length,
    equal: writes.length,
    foreign: 0,
    skipped: 0,
  })
  expect(await reportOf('balance = balance +')).toMatchObject({
    translation: 'translated',
    rehearsals: { equal: 1, divergent: 0 },
  })
})

test('transactions, savepoints and writes that fail are rehearsed as they ran', async () => {
  await open()
  const { db } = pair
  await db.transaction(async (tx) => {
    const { lastInsertRowid } = await tx.run("INSERT INTO accounts (name) VALUES ('Barbara')")
    await tx.exec('SAVEPOINT part')
    await tx.run("UPDATE accounts SET balance = 7 WHERE name = 'Ada'")
    await tx.exec('ROLLBACK TO part')
    await tx.run('INSERT INTO orders (account, total) VALUES (?, 5)', [lastInsertRowid])
    await tx
      .run('INSERT INTO orders (account, total) VALUES (last_insert_rowid(), 6)')
      .catch(() => 0)
  })
  await settled(pair.db)
  await write(
    "INSERT INTO accounts (name) VALUES ('Ada')",
    "UPDATE accounts SET balance = -500 WHERE name = 'Ada'",
    "DELETE FROM accounts WHERE name = 'nobody'",
    "UPDATE accounts SET note = 'last' WHERE name = 'Ada'",
  )
  expect(await openDivergences()).toEqual([])
  expect(await counters()).toMatchObject({ equal: 8, divergent: 0, unknown: 0, foreign: 0 })
})

test.each([
  {
    law: 'a CHECK that only PostgreSQL enforces',
    prepare: 'ALTER TABLE accounts ADD CONSTRAINT small CHECK (balance < 100)',
    statement: "UPDATE accounts SET balance = 500 WHERE name = 'Ada'",
    class: 'error',
    table: null,
  },
  {
    law: 'a unique index that only SQLite has',
    prepare: 'DROP INDEX lockstep_uq_1_1',
    statement: "INSERT INTO accounts (name, balance) VALUES ('Ada', 500)",
    class: 'error',
    table: null,
  },
  {
    law: 'a trigger that is missing on PostgreSQL',
    prepare: 'DROP TRIGGER account_log ON accounts',
    statement: "UPDATE accounts SET balance = 50 WHERE name = 'Ada'",
    class: 'missing',
    table: 'log',
  },
  {
    law: 'a trigger that changes other rows on PostgreSQL',
    prepare: `CREATE FUNCTION extra() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE orders SET total = total + 1 WHERE account = NEW.id; RETURN NULL; END $$;
      CREATE TRIGGER extra AFTER UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION extra()`,
    statement: "UPDATE accounts SET note = 'x' WHERE name = 'Ada'",
    class: 'value',
    table: 'orders',
  },
])('$law is found', async ({ prepare, statement, class: kind, table }) => {
  await open()
  await pair.pg.query(prepare)
  // What has nothing to do with it is equal.
  await write(
    'UPDATE orders SET total = 4 WHERE id = 3',
    statement,
    "UPDATE accounts SET note = 'behind' WHERE id = 3",
  )
  await vi.waitFor(async () => expect(await openDivergences()).toHaveLength(1))
  const [found] = await openDivergences()
  expect(found).toMatchObject({ rehearsed: true, class: kind })
  expect(found?.evidence[0]?.rows[0]?.table ?? null).toBe(table)
  expect(await counters()).toMatchObject({ divergent: 1 })
  expect(JSON.stringify(found)).not.toContain('500')
})

test('a number that does not fit its column on PostgreSQL is found', async () => {
  await open({ columns: { 'orders.total': 'numeric(5,2)' } })
  await write(
    ['UPDATE orders SET total = ? WHERE id = ?', [12.5, 1]],
    ['UPDATE orders SET total = ? WHERE id = 1', [123_456.5]],
  )
  await vi.waitFor(async () => expect(await openDivergences()).toMatchObject([{ class: 'error' }]))
  expect(await counters()).toMatchObject({ equal: 1, divergent: 1 })
})

test.each([
  {
    sqlite: "INSERT OR REPLACE INTO tags (id, name) VALUES (1, 'red')",
    postgres:
      "INSERT INTO tags (id, name) VALUES (1, 'red') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id",
    class: 'value',
  },
  {
    sqlite: "UPDATE tags SET hits = 1 WHERE name = 'red'",
    postgres: "UPDATE tags SET hits = 1 WHERE name = 'red' OR name = 'blue'",
    class: 'extra',
  },
  {
    sqlite: "DELETE FROM tags WHERE name = 'red'",
    postgres: "DELETE FROM tags WHERE name = 'blue'",
    class: 'value',
  },
])('an override that says something else than $sqlite is found', async (one) => {
  const { sqlite, postgres, class: kind } = one
  await open({ overrides: [{ sqlite, postgres }] })
  await write(sqlite)
  await vi.waitFor(async () => expect(await openDivergences()).toMatchObject([{ class: kind }]))
})

test('a trigger that is missing on PostgreSQL is found at the statement that fires it, and at no other of its batch', async () => {
  await open()
  await pair.pg.query('DROP TRIGGER account_log ON accounts')
  await pair.db.transaction(async (tx) => {
    await tx.run("INSERT INTO log (account, what) VALUES (7, 'by hand')")
    await tx.run("UPDATE accounts SET balance = 11 WHERE name = 'Ada'")
    await tx.run("UPDATE log SET what = 'by another hand' WHERE account = 7")
    await tx.run("UPDATE log SET what = 'nobody' WHERE account = 8")
  })
  await settled(pair.db)
  expect(await openDivergences()).toMatchObject([{ statement: expect.stringContaining('balance') }])
  expect(await counters()).toMatchObject({ divergent: 1, equal: 3, undecided: 0 })
})

test('what chance or the time gives is no divergence, and what else such a write does is', async () => {
  await open()
  await write(
    "INSERT INTO log (what, at) VALUES ('now', datetime('now'))",
    "INSERT INTO log (what) VALUES ('default')",
    "UPDATE log SET at = CURRENT_TIMESTAMP WHERE what = 'now'",
    'INSERT INTO tokens (chance) VALUES (random())',
    "INSERT INTO tokens (token, chance) VALUES ('mine', random())",
    ["UPDATE log SET at = datetime(?) WHERE what = 'now'", ['now']],
    "UPDATE log SET what = what || at WHERE what = 'now'",
  )
  expect(await openDivergences()).toEqual([])
  expect(await counters()).toMatchObject({ divergent: 0, unknown: 0, batches: 7 })
  await pair.pg.query(`CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.what := NEW.what || '!'; RETURN NEW; END $$;
    CREATE TRIGGER twice BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION twice()`)
  await write("INSERT INTO log (account, what, at) VALUES (1, 'x', datetime('now'))")
  await vi.waitFor(async () => expect(await openDivergences()).toMatchObject([{ class: 'value' }]))
})

test('a batch with writes of another program is not rehearsed, and counted', async () => {
  await open()
  pair.sqlite.exec("UPDATE tags SET hits = 99 WHERE name = 'red'")
  await write("UPDATE tags SET hits = hits + 1 WHERE name = 'red'")
  await settled(pair.db)
  expect(await counters()).toMatchObject({ divergent: 0 })
  expect((await counters()).foreign).toBeGreaterThan(0)
})

test('many writers at once are no false alarm', async () => {
  await open()
  const { db } = pair
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let nth = 0; nth < 25; nth++) {
        const name = `writer ${writer} ${nth}`
        await db.run('INSERT INTO accounts (name, balance) VALUES (?, ?)', [name, nth])
        await db.run('UPDATE accounts SET balance = balance * 2 WHERE name = ?', [name])
        await db.transaction(async (tx) => {
          await tx.run(
            'INSERT INTO orders (account, total) SELECT id, 1.5 FROM accounts WHERE name = ?',
            [name],
          )
          await tx.run('UPDATE accounts SET note = ? WHERE id = 1', [name])
        })
        if (nth % 4 === writer % 4) await db.caughtUp()
        if (nth % 3 === 0) await db.run('DELETE FROM accounts WHERE name = ?', [name])
      }
    }),
  )
  await settled(pair.db)
  const { batches, equal, ...others } = await counters()
  expect(batches).toBeGreaterThan(0)
  expect(equal).toBeGreaterThan(10)
  expect(others).toMatchObject({ divergent: 0, unknown: 0, untranslated: 0, foreign: 0 })
  expect(await pair.differences()).toEqual([])
})

/** Everything of PostgreSQL's that a rehearsal could leave behind. */
async function traces(): Promise<unknown> {
  const tables = [
    'accounts',
    'log',
    'orders',
    'tags',
    'tokens',
    'lockstep.journal',
    'lockstep.disabled_triggers',
  ]
  const rows: unknown[] = []
  for (const table of tables)
    rows.push(await pair.pgRows(`SELECT * FROM ${table} AS t ORDER BY t::text`))
  const catalog = await pair.pgRows(`
    SELECT 'sequence', sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conname, contype::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2, 3`)
  const locks = await pair.pgRows(`SELECT pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`)
  return { rows, catalog, locks }
}

test('a rehearsal leaves no trace, and what is mirrored is the same without it', async () => {
  const found: unknown[] = []
  for (const rehearse of [0, 100]) {
    await open({}, rehearse)
    // Without the columns that the time gives.
    pair.sqlite.exec("UPDATE log SET at = 'then'")
    await write(...writes.filter((one) => !JSON.stringify(one).includes('balance')))
    found.push(await traces())
    expect((await counters()).batches > 0).toBe(rehearse > 0)
    expect(await pair.differences()).toEqual([])
    if (rehearse === 0) await pair.close()
  }
  expect(found[1]).toEqual(found[0])
})

/** As an operator would have made it before the flip: it waits for its turn. */
const slowTrigger = `
  CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
  CREATE TRIGGER slow BEFORE UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION slow();
  ALTER TABLE tags DISABLE TRIGGER slow;
  INSERT INTO lockstep.disabled_triggers VALUES ('tags', 'slow')`

test('a rehearsal that hangs holds its batch up for no longer than its bound', async () => {
  await open({ shadow: { rehearseMaxMs: 300 } })
  await pair.pg.query(slowTrigger)
  const begun = performance.now()
  await write("UPDATE tags SET hits = 1 WHERE name = 'red'")
  expect(performance.now() - begun).toBeLessThan(5000)
  expect(await counters()).toMatchObject({ batches: 1, unknown: 1, divergent: 0 })
  const { reason } = await reportOf('UPDATE tags')
  expect(reason).toMatch(/^(?:The rehearsal of its batch took longer|canceling statement)/)
  expect(await pair.differences()).toEqual([])
})

test('a process that is killed while it rehearses has lost nothing and left nothing behind', async () => {
  await open()
  await pair.pg.query(slowTrigger)
  await pair.db.close()
  const child = spawn(process.execPath, ['--input-type=module', '--eval', killed], {
    env: { ...process.env, INDEX: built('bundle/index.js'), FILE: pair.path, DATABASE: pair.url },
    stdio: 'inherit',
  })
  const ended = once(child, 'exit')
  await vi.waitFor(
    async () => {
      const { rows } = await pair.pg.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
      )
      expect(rows).toHaveLength(1)
    },
    { timeout: 20_000 },
  )
  child.kill('SIGKILL')
  await ended
  const again = await createLockstep({
    sqlite: { path: pair.path },
    postgres: { connectionString: pair.url },
    shadow: { rehearseMaxMs: 200 },
  })
  try {
    await again.caughtUp({ timeoutMs: 60_000 })
    expect((await again.verify()).equal).toBe(true)
    expect(await pair.pgRows("SELECT hits FROM tags WHERE name = 'red'")).toEqual([['41']])
  } finally {
    await again.close()
  }
})

/** The application: it writes, and is killed before its batch is applied. */
const killed = `
  const { createLockstep } = await import(process.env.INDEX)
  const db = await createLockstep({
    sqlite: { path: process.env.FILE },
    postgres: { connectionString: process.env.DATABASE },
    shadow: { rehearseMaxMs: 3000 },
  })
  await db.caughtUp()
  while ((await db.status()).applier.state !== 'idle') await new Promise(setImmediate)
  setTimeout(() => process.exit(), 60_000)
  await db.run("UPDATE tags SET hits = 41 WHERE name = 'red'")`

test('no write that waits for both places waits for a rehearsal', async () => {
  await open()
  await pair.db.setFlags({ ack: 'both' })
  await write("UPDATE tags SET hits = 1 WHERE name = 'red'")
  expect(await counters()).toMatchObject({ batches: 0 })
  await pair.db.setFlags({ ack: 'primary' })
  await write("UPDATE tags SET hits = 2 WHERE name = 'red'")
  expect(await counters()).toMatchObject({ batches: 1 })
})

test('nothing is rehearsed once PostgreSQL is the primary, or with the flag at 0', async () => {
  await open()
  await flip(pair.db)
  await write("UPDATE tags SET hits = 1 WHERE name = 'red'")
  expect(await counters()).toMatchObject({ batches: 0 })
})
