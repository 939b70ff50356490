import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { schemaReader } from '../../src/move/install.ts'
import { profileTable } from '../../src/schema/profile.ts'
import { readSchema } from '../../src/schema/read.ts'
import { surveyFile } from '../../src/survey/survey-file.ts'
import { describeWithData } from '../support/data.ts'

/** `install` has SQLite count what `assess` counts itself, and both choose types by it. */
async function compare(db: Database.Database): Promise<number> {
  const { tables } = readSchema(schemaReader(db))
  const surveys = await surveyFile(db, {
    tables,
    chosen: new Map(),
    signal: undefined,
    onRows: () => undefined,
  })
  for (const { table, profile } of surveys)
    expect(profile).toEqual(profileTable(schemaReader(db), table))
  return surveys.reduce((rows, { profile }) => rows + profile.rows, 0)
}

test('what assess counts of odd values is what install counts', async () => {
  const db = new Database(':memory:')
  db.exec(
    `CREATE TABLE t (a, b INTEGER, c TEXT, d REAL, e NUMERIC, f BLOB, g TEXT AS (c || b) VIRTUAL)`,
  )
  const values = [
    'NULL',
    '9007199254740992',
    '-9007199254740993',
    '0.5',
    '-0.0',
    '9e999',
    `''`,
    `'\\N'`,
    `'a' || char(0)`,
    `CAST(x'ff00' AS TEXT)`,
    `x''`,
    'zeroblob(70000)',
    `'12'`,
    `'1e5'`,
  ]
  for (const value of values)
    db.exec(`INSERT INTO t VALUES (${Array.from({ length: 6 }, () => value).join(', ')})`)
  expect(await compare(db)).toBe(values.length)
  db.close()
})

for (const [name, rows] of Object.entries({ 'chinook.sqlite': 15_607, 'northwind.sqlite': 3310 })) {
  describeWithData(name, (path) => {
    test('what assess counts is what install counts', async () => {
      const db = new Database(path, { readonly: true })
      expect(await compare(db)).toBe(rows)
      db.close()
    })
  })
}
