import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatementsOptions } from '../../src/api.ts'
import { sleep } from '../../src/core/wait.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE notes (id INTEGER PRIMARY KEY, user INTEGER, body TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
  INSERT INTO users SELECT i, 'name ' || i FROM n;`

const often = 'SELECT name FROM users WHERE id = ?'
const differs = 'SELECT name, id FROM users WHERE id = ?'
const refused = 'SELECT lag(name, -1) OVER (ORDER BY id) FROM users'
const slow = `SELECT count(*) FROM (WITH RECURSIVE n (i) AS
  (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n), users`
const write = 'INSERT INTO notes (user, body) VALUES (?, ?)'
const unseen = 'SELECT body FROM notes'

let pair: Pair
beforeAll(async () => {
  pair = await openPair({ schema, options: { flags: { initial: { shadow: { sample: 100 } } } } })
  const { db, pg } = pair
  await db.caughtUp()
  await pg.query(
    `SET lockstep.applying = 'on'; UPDATE users SET name = 'x' WHERE id = 1; RESET lockstep.applying`,
  )
  for (let id = 2; id < 6; id++) await db.get(often, [id])
  await db.all(slow)
  await db.get(differs, [1])
  await db.all(refused)
  const ended = async (): Promise<number> => {
    const { equal, divergent, untranslated } = (await db.status()).counters.shadow
    return equal + divergent + untranslated
  }
  while ((await ended()) < 7) await sleep(20)
  await db.transaction((tx) => tx.all(unseen))
  // The time of a statement is told in milliseconds.
  await sleep(5)
  await db.run(write, [1, 'a'])
})
afterAll(async () => pair.close())

const listed = async (options: StatementsOptions): Promise<string[]> =>
  (await pair.db.statements(options)).map(({ statement }) => statement)

test.each<[StatementsOptions, string]>([
  [{ sort: 'calls' }, often],
  [{}, often],
  [{ sort: 'slowest' }, slow.replace('SELECT 1', 'SELECT ?')],
  [{ sort: 'recent' }, write],
  [{ sort: 'divergent' }, differs],
])('%o puts the right statement first', async (options, first) => {
  expect((await listed({ ...options, limit: 1 }))[0]?.slice(0, 40)).toBe(first.slice(0, 40))
})

test('a filter leaves those alone that it names', async () => {
  expect(await listed({ translation: 'refused' })).toEqual([refused.replace('-1', '-?')])
  expect(await listed({ translation: 'unseen', table: 'NOTES' })).toContain(unseen)
  expect(await listed({ translation: 'translated' })).not.toContain(unseen)
  expect(await listed({ translation: 'translated', table: 'users', sort: 'calls' })).toHaveLength(3)
  expect(await listed({ translation: 'refused', table: 'notes' })).toEqual([])
})
