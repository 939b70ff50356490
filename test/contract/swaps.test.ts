import { afterEach, describe, expect, test, vi } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE seats (id INTEGER PRIMARY KEY, guest TEXT UNIQUE, no INTEGER NOT NULL);
  CREATE UNIQUE INDEX seats_no ON seats (no) WHERE no > 0;
  CREATE TABLE fillers (id INTEGER PRIMARY KEY);
  INSERT INTO seats VALUES (1, 'ada', 1), (2, 'bob', 2), (3, 'cy', 3), (4, 'di', 4), (5, 'ed', 5);
`

/** Unique values change hands inside one transaction, in every way that a single order of writes cannot follow. */
const exchanges: readonly { name: string; sql: readonly string[] }[] = [
  {
    name: 'two rows swap a value',
    sql: [
      'UPDATE seats SET guest = NULL WHERE id = 1',
      `UPDATE seats SET guest = 'ada' WHERE id = 2`,
      `UPDATE seats SET guest = 'bob' WHERE id = 1`,
    ],
  },
  {
    name: 'a ring of five',
    sql: ['UPDATE seats SET no = -no', 'UPDATE seats SET no = -no % 5 + 1'],
  },
  {
    name: 'a value goes to a row that is new',
    sql: [
      `UPDATE seats SET guest = 'zoe' WHERE id = 5`,
      `INSERT INTO seats VALUES (0, 'ed', 6)`,
      'UPDATE seats SET id = 50 WHERE id = 5',
    ],
  },
  {
    name: 'keys swap, values stay',
    sql: [
      'UPDATE seats SET id = 99 WHERE id = 1',
      'UPDATE seats SET id = 1 WHERE id = 2',
      'UPDATE seats SET id = 2 WHERE id = 99',
    ],
  },
  {
    name: 'a row is deleted and its value goes to one with a lower key',
    sql: ['DELETE FROM seats WHERE id = 4', `UPDATE seats SET guest = 'di' WHERE id = 2`],
  },
]

const state = 'SELECT * FROM seats ORDER BY id'

let pair: Pair
afterEach(() => pair.close())

async function exchange(sql: readonly string[]): Promise<void> {
  await pair.db.transaction(async (tx) => {
    // Fillers, so that the entries of one exchange do not end where a batch does.
    await tx.run('INSERT INTO fillers SELECT count(*) + 1 FROM fillers')
    for (const statement of sql) await tx.run(statement)
    await tx.run('INSERT INTO fillers SELECT count(*) + 1 FROM fillers')
  })
}

const stages = [
  { stage: 'mirrored', from: 'SQLite to PostgreSQL' },
  { stage: 'flipped', from: 'PostgreSQL to SQLite' },
] as const
const sizes = [2000, 3, 2, 1]

describe.each(stages)('from $from', ({ stage }) => {
  test.each(sizes)(
    'unique values that change hands arrive in batches of %i entries',
    async (maxEntries) => {
      pair = await openPair({ schema, stage, options: { applier: { maxEntries } } })
      const errors: Error[] = []
      pair.db.on('error', ({ error }) => errors.push(error))
      for (const { sql } of exchanges) {
        await exchange(sql)
        await pair.db.caughtUp()
        expect(await pair.differences()).toEqual([])
      }
      expect(pair.sqliteRows(state).map(String)).toEqual((await pair.pgRows(state)).map(String))
      expect(errors).toEqual([])
      expect((await pair.db.status()).quarantine).toBe(0)
    },
  )
})

test.each(exchanges)(
  'row by row, in the order of their keys, PostgreSQL refuses: $name',
  async ({ sql }) => {
    pair = await openPair({ schema })
    await pair.db.setFlags({ mirror: false })
    // A batch that was under way when the flag changed would take the exchange with it.
    await vi.waitFor(async () => {
      expect((await pair.db.status()).applier.reason).toContain('mirror')
    }, 10_000)
    await exchange(sql)
    // What an applier without the slow way would do with the same two states.
    const rows = pair.sqliteRows(state) as [bigint, string, bigint][]
    await pair.pg.query(`SET lockstep.applying = 'on'`)
    const upserts = rows.map(
      ([id, guest, no]) =>
        () =>
          pair.pg.query(
            `INSERT INTO seats VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET guest = excluded.guest, no = excluded.no`,
            [id, guest, no],
          ),
    )
    const refused = (async () => {
      for (const upsert of upserts) await upsert()
    })()
    await expect(refused).rejects.toMatchObject({ code: '23505' })
  },
)
