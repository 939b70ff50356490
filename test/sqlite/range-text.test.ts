import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import { schemaReader } from '../../src/move/install.ts'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import type { Table } from '../../src/schema/model.ts'
import { readSchema } from '../../src/schema/read.ts'
import { createRangeText } from '../../src/sqlite/range-text.ts'
import { SqliteStatements } from '../../src/sqlite/statements.ts'

let db: Database.Database
afterEach(() => db.close())

/** The whole of table t as SQLite writes it; types are those that the rows of `before` ask for. */
function textOf(before: string, after: string, encoding = 'UTF-8'): { text: string; rows: number } {
  db = new Database(':memory:')
  db.pragma(`encoding = '${encoding}'`)
  db.exec(before)
  const mapped = mapSchema(schemaReader(db), readSchema(schemaReader(db))).tables
  const table = numberTables(mapped).tables[0] as Table
  db.exec(after)
  const { text, rows } = createRangeText(
    new SqliteStatements(db, true),
    table,
  )({ after: null, upTo: null })
  return { text: text.toString('latin1'), rows }
}

const bare = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT, r REAL, b BLOB)'

describe('the text of a range', () => {
  test('has quotes, separators and line breaks of a text as CSV does, and tells NULL from nothing', () => {
    const inserted = `INSERT INTO t VALUES (1, -9223372036854775808, 'a"b,c' || char(10, 13, 9, 92), -1e300, x'00ff'),
      (2, NULL, NULL, NULL, NULL), (3, 0, '', 1.5, x'')`
    const lines = [
      '1,-9223372036854775808,"a""b,c\n\r\t\\",fe37e43c8800759c,\\x00ff',
      '2,,,,',
      '3,0,"",3ff8000000000000,\\x',
    ]
    expect(textOf(bare, inserted)).toEqual({ text: `${lines.join('\n')}\n`, rows: 3 })
  })

  test('of no rows is empty', () => {
    expect(textOf(bare, '')).toEqual({ text: '', rows: 0 })
  })

  test.each([
    [`(1, 'many', 'x', NULL, x'01')`, '1,x,"x",,\\x01\n'],
    [`(1, 1.5, 'x', NULL, x'01')`, '1,x,"x",,\\x01\n'],
    [`(1, 1, x'78', NULL, x'01')`, '1,1,xx",,\\x01\n'],
    [`(1, 1, 'x', 'high', x'01')`, '1,1,"x",x,\\x01\n'],
    [`(1, 1, 'x', NULL, 'text')`, '1,1,"x",,x\n'],
  ])('has what no text of PostgreSQL has where a column cannot hold a value: %s', (row, text) => {
    expect(textOf(bare, `INSERT INTO t VALUES ${row}`).text).toBe(text)
  })

  test('keeps a NUL and bytes that are not UTF-8, which PostgreSQL cannot have', () => {
    const inserted = `INSERT INTO t (s) VALUES ('a' || char(0) || 'b'), (CAST(x'61ff' AS TEXT))`
    expect(textOf(bare, inserted).text).toBe('1,,"a\0b",,\n2,,"a\u00FF",,\n')
  })

  test('is UTF-8 whatever the database is', () => {
    const inserted = `INSERT INTO t (s) VALUES ('é')`
    expect(textOf(bare, inserted, 'UTF-16le').text).toBe('1,,"\u00C3\u00A9",,\n')
  })
})
