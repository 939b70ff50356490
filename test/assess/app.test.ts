import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SqlReport } from '../../src/api.ts'
import { fingerprintOf } from '../../src/sql/overrides/fingerprint.ts'
import { appFolder, createFile } from './shop.ts'

/** What the fixture's source folder says, file by file. */
describe('the statements of a source folder', () => {
  let report: SqlReport
  beforeAll(async () => {
    using file = createFile()
    report = await file.statements([appFolder])
  })

  const at = (name: string): string[] =>
    report.statements
      .filter(({ file }) => file === join(appFolder, name))
      .map(({ line, column, verdict, sql }) => `${line}:${column} ${verdict} ${sql.slice(0, 24)}`)

  test('are judged where they stand', () => {
    expect(at('src/queries.ts')).toEqual([
      '12:26 translates SELECT id, email FROM us',
      '21:5 translates SELECT id, email, name\n ',
      '38:27 translates DELETE FROM orders WHERE',
      '43:16 refused SELECT id,\n  datetime(cr',
      '46:16 refused SELECT rowid, title FROM',
      '49:52 translates INSERT INTO orders (user',
      '50:20 translates update orders set total ',
      '54:13 decision BEGIN IMMEDIATE',
      '55:13 translates UPDATE orders SET total ',
      '55:42 translates DELETE FROM orders WHERE',
      '56:13 decision COMMIT',
      '59:62 decision SELECT * FROM carts WHER',
      '63:71 translates SELECT id FROM users WHE',
    ])
    expect(at('src/report.cjs')).toEqual(['4:3 translates SELECT json_extract(meta'])
    expect(at('migrations/0000_start.sql').map((line) => line.split(' ')[1])).toEqual([
      'translates',
      'translates',
      'translates',
      'refused',
    ])
  })

  test('say what is refused, where, and the way out', () => {
    const local = report.statements.find(({ sql }) => sql.includes('localtime'))
    expect(local).toMatchObject({
      code: 'SQL_UNSUPPORTED',
      construct: "The modifier 'localtime'",
      wayOut: expect.stringContaining('keep times in UTC'),
      // Behind an escape, in the second line of the text and the first of the file.
      at: { line: 43, column: 30 },
    })
    const search = report.statements.find(({ sql }) => sql.includes('MATCH'))
    expect(search?.reason).toMatch(/fts5 table notes_fts.*Virtual tables stay on SQLite/)
  })

  test('take a value of a template for a parameter, under the fingerprint that is sent', () => {
    const update = report.statements.find(({ sql }) => sql.startsWith('update orders'))
    expect(update?.sql).toBe('update orders set total = total + ? where user_id = ?')
    expect(update?.fingerprint).toBe(fingerprintOf(update?.sql ?? ''))
  })

  test('have no fingerprint where their text is another one each time', () => {
    const spliced = report.statements.find(({ sql }) => sql.includes('LIKE'))
    expect(spliced?.sql).toBe("SELECT id FROM users WHERE name LIKE '%${word}%'")
    expect(spliced?.fingerprint).toBeNull()
  })

  test('are not readable where a name is put in, and are told apart', () => {
    expect(
      report.unreadable.map(({ line, column, reason }) => `${line}:${column} ${reason}`),
    ).toEqual([
      '17:29 ${users.id} stands for a name or a piece of SQL, which only run time knows',
      '30:23 ${column} stands for a name or a piece of SQL, which only run time knows',
      "35:23 ${ids.map(() => '?').join(', ')} stands for a name or a piece of SQL, which only run time knows",
      '61:46 ${sql.identifier(name)} stands for a name or a piece of SQL, which only run time knows',
      '63:17 ${table} stands for a name or a piece of SQL, which only run time knows',
    ])
    expect(report.fragments).toBe(2)
  })

  test('are no prose that reads like a statement', () => {
    expect(at('src/pages/settings.tsx')).toEqual([])
  })

  test('leave out a file that is no program, and say so', () => {
    expect(report.unread).toEqual([
      { file: join(appFolder, 'src/broken.js'), reason: expect.stringMatching(/^Unterminated/) },
    ])
  })

  test('make a percentage, and PostgreSQL is not needed for it', () => {
    const { translates, decision, refused, percent, statements, notPrepared } = report
    expect({ translates, decision, refused, percent }).toEqual({
      translates: 12,
      decision: 3,
      refused: 3,
      percent: 66.6,
    })
    expect(statements).toHaveLength(18)
    expect(notPrepared).toMatch(/does not answer/)
  })
})

describe('overrides in the report', () => {
  const search = 'SELECT rowid, title FROM notes_fts WHERE notes_fts MATCH ? ORDER BY rank'
  const postgres = 'SELECT id, title FROM notes WHERE search @@ to_tsquery($1::text)'

  test('make a refused statement one that translates, by its text or its fingerprint', async () => {
    using file = createFile()
    for (const override of [
      { sqlite: search, postgres },
      { fingerprint: fingerprintOf(search), postgres },
    ]) {
      const { statements } = await file.statements([appFolder], [override])
      const found = statements.find(({ sql }) => sql.includes('MATCH'))
      expect(found).toMatchObject({ verdict: 'translates', override: true })
    }
  })

  test('that match nothing, or do not fit, are findings', async () => {
    using file = createFile()
    const overrides = [
      { sqlite: 'SELECT 1 FROM users', postgres: 'SELECT 1' },
      { sqlite: 'SELECT 1 FROM nowhere', postgres: 'SELECT 1' },
      { fingerprint: fingerprintOf(search), postgres: 'SELECT $2::text' },
    ]
    const report = await file.assess([appFolder], { overrides })
    expect(report.ok).toBe(false)
    const found = report.findings.filter(({ code }) => code.startsWith('OVERRIDE'))
    expect(found.map(({ level, code, message }) => `${level} ${code} ${message}`)).toEqual([
      expect.stringMatching(/^decision OVERRIDE_UNUSED .* none of the statements that were read/),
      expect.stringMatching(/^decision OVERRIDE_INVALID .* no such table: nowhere/),
    ])
    const statement = report.sql?.statements.find(({ sql }) => sql === search)
    expect(statement).toMatchObject({ verdict: 'decision', code: 'OVERRIDE_INVALID' })
  })
})
