import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SqlReport } from '../../src/api.ts'
import { assess } from '../../src/steps/assess.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, n INTEGER, at TEXT);
  CREATE TABLE "odd ""name" (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID;
  CREATE VIEW busy AS SELECT id, name FROM items WHERE n > 10;
`

const script = `
  SELECT count(*) FROM busy WHERE name LIKE ?;
  INSERT OR REPLACE INTO "odd ""name" VALUES (:k, :v);
  INSERT INTO items (name, n) VALUES (?, ?) ON CONFLICT DO NOTHING;
  UPDATE items SET at = datetime('now', ?), n = n + changes() WHERE id = ?;
  SELECT n FROM items LIMIT ?;
`

const overrides = [
  { sqlite: 'SELECT id FROM items WHERE n = 1', postgres: 'SELECT id, n FROM items WHERE n = 1' },
  { sqlite: 'SELECT id FROM items WHERE n = 2', postgres: 'SELECT id FROM items WHERE n = 2' },
]

describe('assess beside a server', () => {
  let pair: Pair
  let file: string
  const read = async (): Promise<SqlReport> => {
    const report = await pair.db.assess({ sql: [file] })
    if (report.sql === null) throw new Error('There is no report on SQL')
    return report.sql
  }
  beforeAll(async () => {
    pair = await openPair({ schema, stage: 'installed', options: { overrides } })
    file = join(dirname(pair.path), 'script.sql')
    writeFileSync(file, script + overrides.map(({ sqlite }) => `${sqlite};\n`).join(''))
  })
  afterAll(() => pair.close())

  test('says that the server was not asked, as long as it has no tables', async () => {
    const report = await read()
    expect(report.notPrepared).toBe('it does not have the tables yet')
    expect(report.percent).toBe(100)
  })

  test('has the server read every translation, and each override', async () => {
    await pair.db.applySchema()
    const report = await read()
    expect(report.notPrepared).toBeNull()
    const verdicts = report.statements.map(({ verdict, code }) => `${verdict} ${code}`)
    expect(verdicts).toEqual([
      ...Array.from({ length: 5 }, () => 'translates null'),
      'decision OVERRIDE_INVALID',
      'translates null',
    ])
  })

  test('refuses a translation that the server does not take', async () => {
    await pair.pg.query('ALTER TABLE items RENAME COLUMN n TO m')
    const report = await read()
    await pair.pg.query('ALTER TABLE items RENAME COLUMN m TO n')
    const refused = report.statements.filter(({ verdict }) => verdict === 'refused')
    expect(refused.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(
        /PostgreSQL refuses what it is translated to: column .*n.* does not exist/,
      ),
    )
    expect(refused).toHaveLength(4)
  })

  test('finds an override that does not fit where no SQL is given', async () => {
    const report = await pair.db.assess()
    expect(report).toMatchObject({ ok: false, sql: null })
    expect(report.tables.map(({ table }) => table)).toEqual(['items', 'odd "name'])
    expect(report.findings.map(({ code }) => code)).toEqual(['VIEW_CARRIED', 'OVERRIDE_INVALID'])
  })

  test('changes nothing on either place', async () => {
    const dump = async (): Promise<unknown> => [
      pair.sqliteRows('SELECT * FROM sqlite_schema'),
      pair.sqliteRows('SELECT * FROM items'),
      await pair.pgRows('SELECT oid, relname FROM pg_class ORDER BY oid'),
      await pair.pgRows('SELECT * FROM items'),
    ]
    const before = await dump()
    const options = { sqlite: { path: pair.path }, postgres: { connectionString: pair.url } }
    const report = await assess(options, { sql: [file] })
    expect(report.sql?.statements).toHaveLength(7)
    expect(await dump()).toEqual(before)
  })
})
