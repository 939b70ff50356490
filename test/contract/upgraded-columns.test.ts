import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { flip, openPair, rollback } from '../support/pair.ts'
import { upgradedValue } from '../values/upgraded-arbitrary.ts'

const schema = `
  CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, flag INTEGER, day DATE, at DATETIME, iso TEXT, secs INTEGER, ms INTEGER, doc TEXT, text TEXT, price NUMERIC(10,2), rate REAL);
  CREATE TABLE keyed (day TEXT NOT NULL, at TEXT NOT NULL, live BOOLEAN NOT NULL, ms INTEGER NOT NULL, price NUMERIC NOT NULL, v TEXT,
    PRIMARY KEY (day, at, live, ms, price)) WITHOUT ROWID;
  INSERT INTO t (id, flag, day, at) VALUES ('00000000-0000-4000-8000-000000000001', 1, '2024-01-01', '2024-01-01 10:00:00.25');
  INSERT INTO keyed VALUES ('2024-01-01', '2024-01-01 10:00:00', 1, 1704067200123, 1.5, 'a');
`

const columns = {
  't.id': 'uuid',
  't.flag': 'boolean',
  't.day': 'date',
  't.at': 'timestamptz',
  't.iso': 'timestamptz(iso)',
  't.secs': 'timestamptz(seconds)',
  't.ms': 'timestamptz(milliseconds)',
  't.doc': 'jsonb',
  't.text': 'json',
  't.price': 'numeric(10,2)',
  't.rate': 'numeric(15,4)',
  'keyed.day': 'date',
  'keyed.at': 'timestamptz',
  'keyed.live': 'boolean',
  'keyed.ms': 'timestamptz(milliseconds)',
  'keyed.price': 'numeric(10,2)',
} as const

const names = ['flag', 'day', 'at', 'iso', 'secs', 'ms', 'doc', 'text', 'price', 'rate']

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

test('every value arrives as it is or goes to quarantine, through both appliers', async () => {
  await using pair = await openPair({ schema, options: { columns }, safeIntegers: true })
  const { db, sqlite } = pair
  const rows = fc.sample(fc.array(upgradedValue, { minLength: 10, maxLength: 10 }), {
    numRuns: 60,
    seed: 11,
  })
  const insert = sqlite.prepare(
    `INSERT INTO t (id, ${names.join(', ')}) VALUES (?${', ?'.repeat(10)})`,
  )
  // One value a row, so that each is carried or refused by itself.
  let number = 100
  for (const values of rows)
    for (const [index, value] of values.entries())
      insert.run(id((number += 1)), ...names.map((_, at) => (at === index ? value : null)))
  await db.caughtUp()
  const quarantined = new Set(
    (await pair.pgRows('SELECT key FROM lockstep.quarantine')).map(([key]) => key),
  )
  const missing = await pair.differences()
  expect(new Set(missing.map(({ key }) => key))).toEqual(quarantined)
  expect(missing.every(({ class: kind }) => kind === 'missing')).toBe(true)
  expect(quarantined.size).toBeGreaterThan(100)
  expect(number - 100 - quarantined.size).toBeGreaterThan(60)

  sqlite.exec(
    `DELETE FROM t WHERE id IN (${[...quarantined].map((key) => String(key).replaceAll('"', "'")).join(', ')})`,
  )
  // The verify from before would stand in the way of the flip.
  expect(await pair.differences()).toEqual([])
  await flip(db)
  const before = pair.sqliteRows('SELECT * FROM t ORDER BY id')
  await db.run(`INSERT INTO t SELECT replace(id, '4000', '5000'), ${names.join(', ')} FROM t`)
  await db.run('UPDATE t SET flag = NOT flag, secs = secs + 0')
  await db.run('UPDATE t SET flag = NOT flag')
  await db.caughtUp()
  const after = pair.sqliteRows(
    `SELECT replace(id, '5000', '4000'), ${names.join(', ')} FROM t WHERE id LIKE '%-5000-%' ORDER BY id`,
  )
  expect(after).toEqual(before)
  expect(await pair.differences()).toEqual([])
})

test('a key of such columns names its row in both directions', async () => {
  await using pair = await openPair({ schema, options: { columns }, safeIntegers: true })
  const { db, sqlite } = pair
  sqlite.exec(`
    INSERT INTO keyed VALUES ('2024-02-29', '2024-01-01 10:00:00.000001', 0, -1, 20, 'b'), ('0001-01-01', '2030-12-31 23:59:59', 1, 0, -0.01, 'c');
    UPDATE keyed SET live = 0, price = 7 WHERE v = 'a'; DELETE FROM keyed WHERE v = 'b'`)
  await db.caughtUp()
  expect(await pair.differences()).toEqual([])
  await flip(db)
  // Another program writes with settings of its own; the keys are spelled as ever.
  await pair.pg.query(`SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'`)
  await pair.pg.query(
    `UPDATE keyed SET at = at + interval '1 hour', v = 'd' WHERE v = 'c' OR NOT live`,
  )
  await pair.pg.query(`DELETE FROM keyed WHERE day = '29/02/2024'`)
  await db.run('UPDATE keyed SET ms = ms + 1 WHERE live')
  await db.caughtUp()
  expect(pair.sqliteRows('SELECT * FROM keyed ORDER BY day')).toEqual([
    ['0001-01-01', '2031-01-01 00:59:59', 1n, 1n, -0.01, 'd'],
    ['2024-01-01', '2024-01-01 11:00:00', 0n, 1_704_067_200_123n, 7n, 'd'],
  ])
  await rollback(db)
  expect(await pair.differences()).toEqual([])
})

test('an index on a document stays with SQLite, and the mirror goes on', async () => {
  await using pair = await openPair({ schema, options: { columns } })
  await pair.db.exec('CREATE INDEX by_doc ON t (doc); CREATE INDEX by_text ON t (text, flag)')
  await pair.db.run('UPDATE t SET doc = ?, text = ?', ['{"a":1}', '{"b": 1, "a": 2}'])
  await pair.db.caughtUp()
  expect(await pair.differences()).toEqual([])
  expect(await pair.pgRows(`SELECT indexname FROM pg_indexes WHERE indexname LIKE 'by_%'`)).toEqual(
    [],
  )
})

test('a type that a value of today does not fit is refused with the key, and nothing is installed', async () => {
  await using pair = await openPair({
    schema: `${schema} INSERT INTO t (id, doc) VALUES ('00000000-0000-4000-8000-000000000002', '{"b":1,"a":2}')`,
    stage: 'plain',
    options: { columns },
  })
  await expect(pair.db.install()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(
      /t\.doc: 1 row does not fit jsonb .*"00000000-0000-4000-8000-000000000002"/,
    ),
  })
  expect(pair.sqliteRows(`SELECT name FROM sqlite_schema WHERE name LIKE '_lockstep%'`)).toEqual([])
  pair.sqlite.exec('UPDATE t SET doc = NULL')
  await pair.db.install()
})

test.each([
  ['t.rate', 'boolean', /INTEGERs/],
  ['t.text', 'numeric(10,2)', /numeric affinity/],
  ['t.id', 'jsonb', /no key/],
  ['t.day', 'numeric(20,2)', /must be/],
  ['t.day', 'varchar', /must be/],
])('%s cannot be %s', async (column, type, why) => {
  const opening = openPair({
    schema,
    stage: 'installed',
    options: { columns: { [column]: type as 'date' } },
  })
  await expect(opening).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(why),
  })
})
