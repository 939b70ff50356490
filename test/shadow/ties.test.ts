import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Params } from '../../src/api.ts'
import { fingerprintOf } from '../../src/sql/overrides/fingerprint.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT, day INTEGER);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO documents SELECT i, 'title ' || i, i / 10 FROM n;`

/** How the shadow read of a statement that runs once has ended. */
async function outcomeOf({ db }: Pair, sql: string, params: Params = []): Promise<string> {
  await db.all(sql, params)
  return await vi.waitFor(
    async () => {
      const listed = await db.statements({ limit: 10_000 })
      const found = listed.find(({ fingerprint }) => fingerprint === fingerprintOf(sql))
      const ended = Object.entries(found?.comparisons ?? {}).find(([, count]) => count > 0)
      expect(ended).toBeDefined()
      return ended?.[0] ?? ''
    },
    { timeout: 20_000 },
  )
}

describe('in a table of more rows than are compared, behind an ORDER BY with ties', () => {
  let pair: Pair
  beforeAll(async () => {
    const options = { flags: { initial: { shadow: { sample: 100 } } } } as const
    pair = await openPair({ schema, options })
    await pair.db.caughtUp()
    await pair.pg
      .query(`SET lockstep.applying = 'on'; UPDATE documents SET title = 'other' WHERE id IN (77, 2005);
      RESET lockstep.applying`)
  })
  afterAll(async () => pair.close())

  test.each<[string, Params]>([
    ['SELECT id, title FROM documents ORDER BY day LIMIT 100', []],
    ['SELECT title FROM documents ORDER BY day LIMIT 100', []],
    ['SELECT title FROM documents ORDER BY day LIMIT ? OFFSET ?', [15, 1999]],
    ['SELECT title FROM documents WHERE day < :day ORDER BY day DESC LIMIT :n', { day: 8, n: 15 }],
    ['SELECT title, day FROM documents ORDER BY 2 LIMIT 2000, 30', []],
    ['SELECT upper(title) FROM documents ORDER BY day % 100, day LIMIT 99', []],
  ])('a row that differs is a divergence of %s', async (sql, params) => {
    expect(await outcomeOf(pair, sql, params)).toBe('divergent')
  })

  test('and is the only one that is named', async () => {
    const named = (await pair.db.divergences()).flatMap(({ evidence }) =>
      evidence.flatMap(({ rows }) => rows.map(({ key }) => key)),
    )
    expect([...new Set(named)].toSorted()).toEqual(['2005', '77'])
  })

  test('rows that PostgreSQL was free to choose are none', async () => {
    const sql = 'SELECT id FROM documents WHERE day > 150 ORDER BY day LIMIT 1005 OFFSET 1'
    await using other = await openPair({
      schema,
      options: {
        flags: { initial: { shadow: { sample: 100 } } },
        shadow: { maxRows: 2000 },
        overrides: [{ sqlite: sql, postgres: sql.replace('day L', 'day, id DESC L') }],
      },
    })
    await other.db.caughtUp()
    expect(await outcomeOf(other, sql)).toBe('undecided')
    expect(await other.db.divergences()).toEqual([])
  })
})
