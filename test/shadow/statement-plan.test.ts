import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Params, StatementPlan } from '../../src/api.ts'
import { argumentsOfClasses, classesOf } from '../../src/shadow/argument-classes.ts'
import { openPair, type Pair } from '../support/pair.ts'

let pair: Pair
beforeAll(async () => {
  pair = await openPair({
    schema: `
      CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT);
      CREATE TABLE orders (id INTEGER PRIMARY KEY, account INTEGER, note TEXT, total REAL);
      CREATE INDEX orders_note ON orders (note);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO orders SELECT i, i % 5000, 'note ' || i, i * 1.5 FROM n;
      INSERT INTO accounts VALUES (1, 'Ada');`,
  })
})
afterAll(async () => pair.close())

async function planOf(sql: string, args: Params): Promise<StatementPlan> {
  const { db } = pair
  await db.all(sql, args)
  const seen = await db.statements({ limit: 1000 })
  const known = seen.find(({ statement }) => statement === sql)
  if (known === undefined) throw new Error(`${sql} is not among ${JSON.stringify(seen)}`)
  return db.statementPlan({ fingerprint: known.fingerprint })
}

test('no index is suggested where none would help, and it is said why', async () => {
  const plan = await planOf('SELECT * FROM orders WHERE length(note) = ?', [3])
  expect(plan.scans).toMatchObject([
    { table: 'orders', index: null, reason: 'no condition compares one of its columns by itself' },
  ])
  const joined = await planOf(
    'SELECT a.name, o.note FROM accounts a JOIN orders o ON o.total = a.id WHERE a.name = ?',
    ['Ada'],
  )
  expect(joined.scans).toMatchObject([{ table: 'orders', reason: 'it is searched by total' }])
})

test('an index that is suggested for a large table is one that PostgreSQL uses', async () => {
  const sql = 'SELECT * FROM orders WHERE account = ? AND total > ?'
  const before = await planOf(sql, [7, 1])
  expect(before.scans).toMatchObject([
    { table: 'orders', reason: 'it is searched by account, total' },
  ])
  const index = before.scans[0]?.index
  expect(index).toBe('CREATE INDEX "orders_account_total_index" ON "orders" ("account", "total")')
  await pair.db.exec(index as string)
  const after = await planOf(sql, [7, 1])
  expect(after.scans).toEqual([])
  expect(after.lines.join('\n')).toContain('Index Cond: ')
})

test('a table that is small, or found by an index, is no scan of a large one', async () => {
  expect((await planOf('SELECT * FROM accounts WHERE name = ?', ['Ada'])).scans).toEqual([])
  expect((await planOf('SELECT * FROM orders WHERE note = ?', ['note 7'])).scans).toEqual([])
  expect((await planOf('SELECT * FROM orders WHERE id = ?', [7])).scans).toEqual([])
})

test('the values of a text are not in its plan', async () => {
  await pair.db.all("SELECT id FROM orders WHERE length(note) = 4242 AND note <> 'secret'")
  const [known] = await pair.db.statements({ sort: 'recent', limit: 1 })
  const plan = await pair.db.statementPlan({ fingerprint: known?.fingerprint ?? '' })
  expect(JSON.stringify(plan)).not.toMatch(/secret|4242/)
  expect(plan.lines.join()).toContain('Filter: ')
})

test('a statement that nobody has run has no plan', async () => {
  await expect(pair.db.statementPlan({ fingerprint: '0000000000000000' })).rejects.toMatchObject({
    code: 'STATEMENT_UNKNOWN',
  })
})

test('the plan is that for arguments of the classes that the calls have, however many there are', async () => {
  const listed = await planOf('SELECT note FROM orders WHERE id = ? + ? - ?', [4n, 5n, 6n])
  const named = await planOf('SELECT note FROM orders WHERE id BETWEEN :a + :b AND :a + :c', {
    a: 4n,
    b: 5n,
    c: 6n,
  })
  for (const { scans, lines } of [listed, named]) {
    expect(scans).toEqual([])
    expect(lines.join('\n')).toContain('Index Cond: ')
  }
})

test('of arguments their classes are kept, and nothing else', () => {
  const kept = '[["text","integer","numeric-text"],{"at":"blob","of":"null"}]'
  const args = [['secret', 7n, '1e-3'], { at: Buffer.from('secret'), of: undefined }]
  expect(classesOf(args)).toBe(kept)
  expect(classesOf(argumentsOfClasses(kept))).toBe(kept)
  expect(classesOf([Array.from({ length: 33 }, () => 1)])).toBeNull()
})
