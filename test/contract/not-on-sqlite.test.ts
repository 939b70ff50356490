import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

// Other programs write to PostgreSQL what no statement of SQLite gives.
const schema = `
  CREATE TABLE a (id INTEGER PRIMARY KEY, r REAL, n NUMERIC, d DECIMAL(10, 2), u TEXT UNIQUE);
  INSERT INTO a VALUES (1, 1.5, 1.5, 1.5, 'one')`

let pair: Pair
beforeAll(async () => {
  const columns = { 'a.n': 'numeric', 'a.d': 'numeric(10,2)' } as const
  pair = await openPair({ schema, options: { columns } })
  await flip(pair.db)
})
afterAll(() => pair.close())
beforeEach(async () => {
  await pair.db.run('DELETE FROM a WHERE id > 1')
  await pair.db.caughtUp()
})

async function quarantined(): Promise<unknown[]> {
  return (await pair.db.quarantine()).map(({ key, column, reason }) => [key, column, reason])
}
const notANumber = 'NaN, which SQLite does not have'
const notExact = 'a number with more digits than an INTEGER or a REAL has'

test.each([
  ['r', 'NaN', notANumber],
  ['n', 'NaN', notANumber],
  ['d', 'NaN', notANumber],
  ['n', '1234567890123456789012345.678901', notExact],
  ['n', '9223372036854775809', notExact],
  ['n', '0.1000000000000000055511151231257827', notExact],
])('%s of %s goes to quarantine, and comes back once it fits', async (column, value, reason) => {
  await pair.pg.query(`INSERT INTO a (id, ${column}, u) VALUES (2, '${value}', 'two')`)
  await pair.db.caughtUp()
  expect(await quarantined()).toEqual([['2', column, reason]])
  expect(pair.sqliteRows('SELECT id FROM a')).toEqual([[1n]])
  const { equal, differences } = await pair.db.verify()
  expect([equal, differences]).toEqual([
    false,
    [{ table: 'a', key: '2', column: null, class: 'extra' }],
  ])
  await pair.pg.query(`UPDATE a SET ${column} = 2.5 WHERE id = 2`)
  await pair.db.caughtUp()
  expect(pair.sqliteRows(`SELECT ${column} FROM a WHERE id = 2`)).toEqual([[2.5]])
  expect((await pair.db.verify()).equal).toBe(true)
})

test('what SQLite holds in another text is no matter', async () => {
  const values = ['1.50', '-9223372036854775808', '1e15', '-0.0', 'Infinity', '0.1', '100', '7.000']
  for (const [index, value] of values.entries())
    await pair.pg.query(`INSERT INTO a (id, n) VALUES (${index + 2}, '${value}')`)
  await pair.db.caughtUp()
  expect((await pair.db.verify()).equal).toBe(true)
})

test('a row that becomes NaN leaves its place on SQLite to another', async () => {
  await pair.pg.query(`INSERT INTO a (id, r, u) VALUES (2, 2.5, 'two')`)
  await pair.db.caughtUp()
  await pair.pg.query(`BEGIN; UPDATE a SET r = 'NaN', u = 'other' WHERE id = 2;
    INSERT INTO a (id, r, u) VALUES (3, 3.5, 'two'); COMMIT`)
  await pair.db.caughtUp()
  expect(await quarantined()).toEqual([['2', 'r', notANumber]])
  expect(pair.sqliteRows('SELECT id, u FROM a ORDER BY id')).toEqual([
    [1n, 'one'],
    [3n, 'two'],
  ])
})

test('verify tells a NaN that was written behind the mirror from NULL', async () => {
  await pair.db.run(`INSERT INTO a (id, r) VALUES (2, NULL)`)
  await pair.db.caughtUp()
  await pair.pg.query(
    `BEGIN; SET LOCAL lockstep.applying = 'on'; UPDATE a SET r = 'NaN' WHERE id = 2; COMMIT`,
  )
  expect((await pair.db.verify()).differences).toEqual([
    { table: 'a', key: '2', column: 'r', class: 'type' },
  ])
})

test('verify tells digits that no REAL has from the REAL that is nearest, and a repair mends them', async () => {
  const columns = { 'a.n': 'numeric', 'a.k': 'numeric' } as const
  await using other = await openPair({
    schema: `CREATE TABLE a (k NUMERIC PRIMARY KEY, n NUMERIC);
      INSERT INTO a VALUES (1, 1.25), (2, 0.1), (3.25, 3), (4, 9007199254740993)`,
    options: { columns },
  })
  const { db, pg } = other
  await pg.query(`BEGIN; SET LOCAL lockstep.applying = 'on'; UPDATE a SET n = 1.2500000000000000000001 WHERE k = 1;
    UPDATE a SET n = 0.100 WHERE k = 2; UPDATE a SET k = 3.2500000000000000000001 WHERE k = 3.25; COMMIT`)
  const { differences } = await db.verify({ values: true })
  expect(differences).toEqual([
    {
      table: 'a',
      key: '1',
      column: 'n',
      class: 'value',
      values: { sqlite: '1.25', postgres: '1.2500000000000000000001' },
    },
    {
      table: 'a',
      key: '3.25',
      column: 'k',
      class: 'value',
      values: { sqlite: '3.25', postgres: '3.2500000000000000000001' },
    },
  ])
  await db.repair({ table: 'a', keys: [[1]] })
  await db.caughtUp()
  expect((await db.verify()).differences.map(({ key }) => key)).toEqual(['3.25'])
})
