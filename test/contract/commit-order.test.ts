import type { Client } from 'pg'
import { afterEach, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)'

let pair: Pair
afterEach(() => pair.close())

test('a transaction that commits late arrives although later entries were shipped before it', async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  const [early, late] = [await pair.connect(), await pair.connect()]
  await late.query('BEGIN; INSERT INTO t VALUES (1, 1)')
  await early.query('INSERT INTO t VALUES (2, 2)')
  await pair.db.caughtUp()
  expect(pair.sqliteRows('SELECT id FROM t')).toEqual([[2n]])
  await late.query('COMMIT')
  await pair.db.caughtUp()
  expect(pair.sqliteRows('SELECT id FROM t ORDER BY id')).toEqual([[1n], [2n]])
  expect(await pair.differences()).toEqual([])
})

/** What most change-data readers do: remember the highest number seen, and ask for what is above it. */
function createCursor(client: Client): { keys: Set<string>; look(): Promise<void> } {
  const keys = new Set<string>()
  let after = '0'
  return {
    keys,
    async look() {
      const { rows } = await client.query<{ seq: string; key: string[] }>(
        'SELECT seq::text, key FROM lockstep.journal WHERE seq > $1 ORDER BY seq',
        [after],
      )
      for (const row of rows) keys.add(String(row.key[0]))
      after = rows.at(-1)?.seq ?? after
    },
  }
}

test('a cursor on the sequence would have lost it', async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  // Nobody empties the journal meanwhile, so the cursor has every chance.
  await pair.db.setFlags({ mirror: false })
  const cursor = createCursor(pair.pg)
  const [early, late] = [await pair.connect(), await pair.connect()]
  await late.query('BEGIN; INSERT INTO t VALUES (1, 1)')
  await early.query('INSERT INTO t VALUES (2, 2)')
  await cursor.look()
  await late.query('COMMIT')
  await cursor.look()
  expect(cursor.keys).toEqual(new Set(['2']))
  await pair.db.setFlags({ mirror: true })
  await pair.db.caughtUp()
  expect(await pair.differences()).toEqual([])
})

test('many transactions that commit in any order lose nothing, in small batches', async () => {
  pair = await openPair({ schema, stage: 'flipped', options: { applier: { maxEntries: 3 } } })
  const writers = await Promise.all(Array.from({ length: 8 }, () => pair.connect()))
  const expected = new Map<number, number>()
  await Promise.all(
    writers.map(async (client, writer) => {
      for (let round = 0; round < 15; round++) {
        await client.query('BEGIN')
        for (let row = 0; row <= (writer + round) % 4; row++) {
          const id = writer * 100 + ((round * 7 + row) % 20)
          await client.query(
            'INSERT INTO t VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = excluded.n',
            [id, round],
          )
          if (round % 5 !== 4) expected.set(id, round)
          await client.query('SELECT pg_sleep(random() / 200)')
        }
        await client.query(round % 5 === 4 ? 'ROLLBACK' : 'COMMIT')
      }
    }),
  )
  await pair.db.caughtUp()
  const rows = [...expected].map(([id, n]) => [BigInt(id), BigInt(n)])
  expect(new Map(pair.sqliteRows('SELECT * FROM t') as [bigint, bigint][])).toEqual(
    new Map(rows as [bigint, bigint][]),
  )
  expect(await pair.differences()).toEqual([])
  expect(await pair.pgRows('SELECT count(*) FROM lockstep.journal')).toEqual([['0']])
})
