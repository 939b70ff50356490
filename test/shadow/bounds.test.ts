import { expect, test, vi } from 'vitest'
import { openPair } from '../support/pair.ts'

const schema = `
  CREATE TABLE many (id INTEGER PRIMARY KEY, body TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
  INSERT INTO many SELECT i, 'a text of more than ten bytes' FROM n;`

test.each([
  ['rows', { maxRows: 49 }],
  ['bytes', { maxBytes: 1000 }],
])('an answer of more %s than the bound is not compared, and counted', async (_, shadow) => {
  await using pair = await openPair({
    schema,
    options: { flags: { initial: { shadow: { sample: 100 } } }, shadow },
  })
  const { db, pg } = pair
  await db.caughtUp()
  await pg.query(`SET lockstep.applying = 'on'; UPDATE many SET body = 'other' WHERE id = 7`)
  const comparisons = async (sql: string, ...args: number[]) => {
    await db.all(sql, args)
    const known = async () =>
      (await db.statements()).find(({ statement }) => statement === sql)?.comparisons ?? {}
    await vi.waitFor(async () => expect(Object.values(await known())).toContain(1), 20_000)
    return known()
  }
  expect(await comparisons('SELECT * FROM many')).toMatchObject({ unknown: 1, divergent: 0 })
  expect(await db.divergences()).toEqual([])
  // What is within the bound is compared as ever.
  expect(await comparisons('SELECT * FROM many WHERE id < ?', 9)).toMatchObject({ divergent: 1 })
})
