import { expect, test } from 'vitest'
import { flip, openPair } from '../support/pair.ts'

const forms = [
  `json_extract(j, '$.a')`,
  'substr(a, 1, 1)',
  `a || ':' || n`,
  'CAST(n AS TEXT)',
  'date(a)',
  'round(r)',
  'CASE WHEN n > 0 THEN a END',
  `n) WHERE (a LIKE 'x%'`,
]
const schema = `
  CREATE TABLE base (id INTEGER PRIMARY KEY, a TEXT UNIQUE, n INTEGER, j TEXT, r REAL);
  CREATE UNIQUE INDEX carried ON base (lower(a)) WHERE n > 5;
  ${forms.map((form, index) => `CREATE UNIQUE INDEX u${index} ON base (${form});`).join('\n')}
  INSERT INTO base VALUES (1, 'x', 1, '{"a":1}', 1.5)`
const names = forms.map((_, index) => `u${index}`)

test('a unique index without a form is told by every step, and holds up the flip', async () => {
  await using pair = await openPair({ schema, stage: 'plain' })
  const { db } = pair
  const assessed = (await db.assess()).findings
  const installed = (await db.install()).findings
  const planned = (await db.planSchema()).findings
  const applied = (await db.applySchema()).findings
  for (const findings of [assessed, installed, planned, applied]) {
    const told = findings.filter(({ code }) => code === 'INDEX_NOT_CARRIED')
    expect(told.map(({ message }) => message.replace(/^.*?"(\w+)".*$/, '$1')).toSorted()).toEqual(
      names,
    )
    expect(new Set(told.map(({ level }) => level))).toEqual(new Set(['decision']))
  }
  await db.backfill()
  const held = {
    name: 'indexes',
    ok: false,
    value: names.length,
    bound: 0,
    detail: `without a twin on PostgreSQL: ${names.join(', ')}`,
  }
  expect((await db.ready()).gates).toContainEqual(held)
  await expect(flip(db)).rejects.toMatchObject({
    code: 'GATE_REFUSED',
    details: { gates: [held] },
  })
  await pair.pg.query(`CREATE UNIQUE INDEX u1 ON base (substr(a, 1, 1)); DROP INDEX carried`)
  expect((await db.ready()).gates).toContainEqual(
    expect.objectContaining({
      name: 'indexes',
      detail: expect.stringMatching(/: carried, u0, u2/) as string,
    }),
  )
  await flip(db, { force: true })
  expect((await db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'indexes', ok: true }),
  )
})

test('every unique index that is carried has its twin once the rows are there', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE keys (a TEXT PRIMARY KEY COLLATE NOCASE, b TEXT UNIQUE, UNIQUE (b, a));
      CREATE TABLE plain (id INTEGER PRIMARY KEY, c TEXT COLLATE RTRIM UNIQUE);
      CREATE UNIQUE INDEX "${'long '.repeat(20)}" ON plain (c, id)`,
  })
  expect((await pair.db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'indexes', ok: true, value: 0 }),
  )
  await flip(pair.db)
})
