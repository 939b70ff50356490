import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { schemaReader } from '../../src/move/install.ts'
import { openRanges } from '../../src/move/sqlite-ranges.ts'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import type { Table } from '../../src/schema/model.ts'
import { readSchema } from '../../src/schema/read.ts'
import { ChunkPool } from '../../src/sqlite/chunk-pool.ts'
import { encodeRange, findBound, type KeyRange } from '../../src/sqlite/copy-range.ts'
import { SqliteStatements } from '../../src/sqlite/statements.ts'

let db: Database.Database
afterEach(() => db.close())

/** Keys of which every second one is not UTF-8, and every tenth one is really U+FFFD; under BINARY or another collation. */
function openTable(count: number, key = 'k TEXT PRIMARY KEY'): Table {
  db = new Database(':memory:')
  db.exec(`CREATE TABLE t (${key}, v INTEGER);
    WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ${count - 1})
    INSERT INTO t SELECT CASE WHEN i % 10 = 0 THEN char(65533) || i
      WHEN i % 2 THEN CAST(unhex(printf('%02X', 128 + i % 128)) || i AS TEXT) ELSE 'k' || i END, i FROM c`)
  const mapped = mapSchema(schemaReader(db), readSchema(schemaReader(db))).tables
  return numberTables(mapped).tables[0] as Table
}

test('ranges end where they can, and each row is in one of them, by its own name', () => {
  const table = openTable(1000)
  const statements = new SqliteStatements(db, true)
  const rejected: string[] = []
  let rows = 0
  let after: KeyRange['after'] = null
  let ranges = 0
  do {
    const upTo = findBound(statements, table, after, 7)
    const chunks = encodeRange(statements, table, { after, upTo }, 1000, new ChunkPool(1000))
    let next = chunks.next()
    while (next.done !== true) next = chunks.next()
    rows += next.value.rows
    rejected.push(...next.value.rejected.map(({ key, column }) => `${column} ${key}`))
    after = upTo
    ranges += 1
  } while (after !== null && ranges < 1000)
  const keys = db.prepare('SELECT lower(hex(k)) FROM t WHERE v % 2 AND v % 10').pluck().all()
  expect(rows).toBe(500)
  expect(rejected.toSorted()).toEqual(
    keys.map((hex) => `k CAST(x'${String(hex)}' AS TEXT)`).toSorted(),
  )
  expect(ranges).toBeGreaterThan(50)
})

test.each(['k TEXT PRIMARY KEY', 'k TEXT COLLATE NOCASE PRIMARY KEY'])(
  'ranges of a verify, passed over or not, come to the end of all rows: %s',
  (key) => {
    const table = openTable(9000, key)
    const ranges = openRanges(db, table, { after: null })
    const sizes: number[] = []
    for (let range = ranges.next(); range !== undefined; range = ranges.next()) {
      const read = range.read()
      expect(read).toHaveLength(range.rows)
      sizes.push(range.rows)
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(9000)
    ranges.close()
    const passed = openRanges(db, table, { after: null })
    let skips = 0
    while (passed.skip() && skips < 9000) skips += 1
    expect(skips).toBeLessThan(300)
  },
)
