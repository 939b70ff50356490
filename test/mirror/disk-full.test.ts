import type Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

let pair: Pair
const connections: Database.Database[] = []
beforeAll(async () => {
  pair = await openPair({
    schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY, data TEXT)',
    setup: (database) => {
      connections.push(database)
      limit(database)
    },
    options: { flip: { pauseBudgetMs: 10_000 } },
  })
})
afterAll(() => pair.close())

/** The file may not grow any more, as on a full disk, or may again. https://www.sqlite.org/pragma.html#pragma_max_page_count */
function setRoom(now: boolean): void {
  hasRoom = now
  for (const connection of connections.filter(({ open }) => open)) limit(connection)
}

let hasRoom = true
function limit(connection: Database.Database): void {
  connection.pragma(`max_page_count = ${hasRoom ? 1_000_000 : 1}`)
}

const large = 'x'.repeat(1_000_000)
const insert = (): Promise<unknown> => pair.db.run('INSERT INTO t (data) VALUES (?)', [large])
const rows = (): Promise<unknown> => pair.db.get('SELECT count(*) AS n FROM t')

test('a write that finds no room is SQLITE_FULL and changes nothing, reads go on, and room is all that it takes', async () => {
  await insert()
  setRoom(false)
  await expect(insert()).rejects.toMatchObject({ code: 'SQLITE_FULL' })
  expect(await rows()).toEqual({ n: 1 })
  setRoom(true)
  await insert()
  expect(await pair.differences()).toEqual([])
})

test('while PostgreSQL is the primary a full disk holds up the mirror alone, until there is room', async () => {
  await pair.db.flip('postgres')
  setRoom(false)
  await insert()
  const reason = async (): Promise<string | null> => (await pair.db.status()).applier.reason
  await expect.poll(reason, { timeout: 20_000 }).toContain('database or disk is full')
  await insert()
  expect(await rows()).toEqual({ n: 4 })
  setRoom(true)
  expect(await pair.differences()).toEqual([])
})
