import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { schemaReader } from '../../src/move/install.ts'
import { RangesByText } from '../../src/move/ranges-by-text.ts'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import type { Table } from '../../src/schema/model.ts'
import { readSchema } from '../../src/schema/read.ts'

let db: Database.Database
afterEach(() => db.close())

/** The ranges of table t. */
function openRangesOf(sql: string): RangesByText {
  db = new Database(':memory:')
  db.exec(sql)
  const mapped = mapSchema(schemaReader(db), readSchema(schemaReader(db))).tables
  return new RangesByText(db, numberTables(mapped).tables[0] as Table, null)
}

test('a range of long rows has few of them, from the first one on', () => {
  const ranges = openRangesOf(`CREATE TABLE t (id INTEGER PRIMARY KEY, photo BLOB);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)
    INSERT INTO t SELECT i, zeroblob(200000) FROM c`)
  const sizes: number[] = []
  let rows = 0
  for (let range = ranges.next(); range !== undefined; range = ranges.next()) {
    sizes.push(range.text.length)
    rows += range.rows
  }
  expect(rows).toBe(100)
  const [first = 0, ...others] = sizes
  expect(first).toBeLessThan(16_000_000)
  expect(Math.max(...others)).toBeLessThan(1_000_000)
})

test('where SQLite has no room for the text of a range, it reads fewer rows', () => {
  // 14 texts of 80 MB: SQLite allows 1,000,000,000 bytes.
  const ranges =
    openRangesOf(`CREATE TABLE t (id INTEGER PRIMARY KEY, photo BLOB AS (zeroblob(40000000)));
    INSERT INTO t VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14)`)
  expect(ranges.next()).toMatchObject({ rows: 4, upTo: ['4'] })
  // Gigabytes of fresh memory, of which a machine that is short of it makes minutes.
}, 400_000)
