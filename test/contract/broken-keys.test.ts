import { afterEach, describe, expect, test } from 'vitest'
import { flip, openPair, travel, type Pair } from '../support/pair.ts'

/** Bytes that are no UTF-8, which the driver reads as U+FFFD all of them, and a text that really is U+FFFD. */
const broken = (hex: string): string => `CAST(x'${hex}' AS TEXT)`
const mark = 'char(65533)'

let pair: Pair
afterEach(() => pair.close())

async function listed(): Promise<string[]> {
  const rows = await pair.pgRows(
    `SELECT tbl || ' ' || key || ' ' || col || ': ' || reason FROM lockstep.quarantine ORDER BY 1`,
  )
  return rows.map(([entry]) => String(entry))
}

function entry(table: string, key: string, column = 'k'): string {
  return `${table} ${key} ${column}: text that is not valid UTF-8`
}

const shapes = [
  ['a rowid table', 'CREATE TABLE w (k TEXT PRIMARY KEY, v INTEGER)'],
  ['a table WITHOUT ROWID', 'CREATE TABLE w (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID'],
  ['a key with a collation', 'CREATE TABLE w (k TEXT COLLATE NOCASE PRIMARY KEY, v INTEGER)'],
  ['a table of texts', 'CREATE TABLE w (k TEXT PRIMARY KEY, v TEXT)'],
] as const

describe.each(shapes)('rows with keys that are no UTF-8, in %s', (_, schema) => {
  const rows = [broken('ff'), broken('fe'), broken('80'), mark, broken('61ff'), "'z'"]
  const insert = rows.map((key, index) => `INSERT INTO w VALUES (${key}, ${index})`).join('; ')
  const keys = ['61ff', '80', 'fe', 'ff'].map(broken)
  const apart = {
    listed: keys.map((key) => entry('w', key)),
    there: [
      ['7a', '5'],
      ['efbfbd', '3'],
    ],
    differences: keys.map((key) => `missing ${key}`),
  }

  async function rowsOfPostgres(): Promise<unknown> {
    return pair.pgRows(`SELECT encode(convert_to(k, 'UTF8'), 'hex'), v::text FROM w ORDER BY 1`)
  }

  async function settled(): Promise<unknown> {
    await pair.db.caughtUp()
    const { differences } = await pair.db.verify()
    return {
      listed: await listed(),
      there: await rowsOfPostgres(),
      differences: differences.map(({ key, class: kind }) => `${kind} ${key}`).toSorted(),
    }
  }

  test('each has a place of its own in the quarantine of a backfill', async () => {
    pair = await openPair({ schema: `${schema}; ${insert}`, stage: 'plain' })
    await travel(pair.db, 'mirrored')
    expect(await settled()).toEqual(apart)
  })

  test('each has a place of its own in that of the applier, in one batch', async () => {
    pair = await openPair({ schema })
    pair.sqlite.exec(`BEGIN; ${insert}; COMMIT`)
    expect(await settled()).toEqual(apart)
  })

  test('each has a place of its own in that of the applier, one after the other', async () => {
    pair = await openPair({ schema })
    for (const [index, key] of rows.entries()) {
      pair.sqlite.exec(`INSERT INTO w VALUES (${key}, ${index})`)
      await pair.db.caughtUp()
    }
    expect(await settled()).toEqual(apart)
  })

  test('holds the flip until the last of them is mended, whichever way', async () => {
    pair = await openPair({ schema: `${schema}; ${insert}`, stage: 'plain' })
    await travel(pair.db, 'mirrored')
    const steps: [string, string[]][] = [
      [`UPDATE w SET k = 'mended' WHERE k = ${broken('fe')}`, ['61ff', '80', 'ff']],
      [`DELETE FROM w WHERE k = ${mark}`, ['61ff', '80', 'ff']],
      [`UPDATE w SET k = ${mark} WHERE k = ${broken('80')}`, ['61ff', 'ff']],
      [`UPDATE w SET k = ${broken('fd')} WHERE k = ${mark}`, ['61ff', 'fd', 'ff']],
      [`UPDATE w SET k = ${broken('80')} WHERE k = 'mended'`, ['61ff', '80', 'fd', 'ff']],
      [`DELETE FROM w WHERE k IN (${broken('ff')}, ${broken('80')})`, ['61ff', 'fd']],
      [`INSERT INTO w VALUES (${mark}, 9)`, ['61ff', 'fd']],
      [`UPDATE w SET v = 10 WHERE k IN (${mark}, ${broken('fd')})`, ['61ff', 'fd']],
      [`UPDATE w SET k = 'a' WHERE k = ${broken('61ff')}`, ['fd']],
      [`DELETE FROM w WHERE k = ${broken('fd')}`, []],
    ]
    for (const [statement, left] of steps) {
      await expect(flip(pair.db)).rejects.toMatchObject({ code: 'GATE_REFUSED' })
      pair.sqlite.exec(statement)
      await pair.db.caughtUp()
      expect(await listed()).toEqual(left.map((hex) => entry('w', broken(hex))))
    }
    expect(await pair.differences()).toEqual([])
    expect(await rowsOfPostgres()).toEqual([
      ['61', '4'],
      ['7a', '5'],
      ['efbfbd', '10'],
    ])
    await flip(pair.db)
  })
})

test('a key of several columns names the bytes of those that are no text', async () => {
  const schema = `CREATE TABLE x (a TEXT, b INTEGER, c TEXT, v INTEGER, PRIMARY KEY (a, b, c));
    INSERT INTO x VALUES (${broken('ff')}, 1, ${mark}, 1), (${broken('fe')}, 1, ${mark}, 2), (${mark}, 1, ${mark}, 3),
      (${mark}, 1, ${broken('ff')}, 4), (${mark}, 1, ${broken('fe')}, 5)`
  pair = await openPair({ schema, stage: 'plain' })
  await travel(pair.db, 'mirrored')
  const expected = [
    entry('x', `("\uFFFD", 1, ${broken('fe')})`, 'c'),
    entry('x', `("\uFFFD", 1, ${broken('ff')})`, 'c'),
    entry('x', `(${broken('fe')}, 1, "\uFFFD")`, 'a'),
    entry('x', `(${broken('ff')}, 1, "\uFFFD")`, 'a'),
  ]
  expect(await listed()).toEqual(expected)
  expect(await pair.pgRows('SELECT v FROM x')).toEqual([['3']])
  pair.sqlite.exec(`UPDATE x SET v = v + 10`)
  await pair.db.caughtUp()
  expect(await listed()).toEqual(expected)
  expect(await pair.pgRows('SELECT v FROM x')).toEqual([['13']])
  pair.sqlite.exec(`DELETE FROM x WHERE v IN (11, 15)`)
  await pair.db.caughtUp()
  expect(await listed()).toEqual(expected.slice(1, 3))
})

test('a repair ships a row by the key that quarantine names, and leaves the last copy of it', async () => {
  const schema = `CREATE TABLE w (k TEXT PRIMARY KEY, v INTEGER);
    INSERT INTO w VALUES (${broken('ff')}, 1), (${broken('fe')}, 2), (${mark}, 3)`
  pair = await openPair({ schema, stage: 'plain' })
  await travel(pair.db, 'mirrored')
  const bytes = (hex: string): { text: Buffer } => ({ text: Buffer.from(hex, 'hex') })
  const repair = (...hexes: string[]): Promise<unknown> =>
    pair.db.repair({ table: 'w', keys: hexes.map(bytes) })
  await pair.pg.query('DELETE FROM lockstep.quarantine')
  expect(await repair('fe', 'fd', 'efbfbd')).toEqual({ rows: 2, unknown: [broken('fd')] })
  await pair.db.caughtUp()
  expect(await listed()).toEqual([entry('w', broken('fe'))])
  expect(await pair.db.repair({ from: await pair.db.verify() })).toMatchObject({ rows: 2 })
  await pair.db.caughtUp()
  const all = [entry('w', broken('fe')), entry('w', broken('ff'))]
  expect(await listed()).toEqual(all)

  await flip(pair.db, { force: true })
  const kept = [broken('fe'), broken('ff')]
  expect((await pair.db.quarantine()).map(({ key }) => key).toSorted()).toEqual(kept)
  expect(await repair('fe')).toEqual({ rows: 0, unknown: [], kept: [broken('fe')] })
  expect(await pair.db.repair({ table: 'w' })).toEqual({ rows: 1, unknown: [], kept })
  await pair.pg.query(`DELETE FROM w`)
  await pair.db.caughtUp()
  expect(pair.sqliteRows('SELECT hex(k) FROM w ORDER BY 1')).toEqual([['FE'], ['FF']])
})
