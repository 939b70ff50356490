import { expect, test } from 'vitest'
import { catalogOf } from '../../../src/schema/catalog.ts'
import { createTranslator } from '../../../src/sql/translate/translator.ts'
import { virtualModules } from '../../../src/sql/virtual-tables.ts'

const virtualTables = virtualModules([
  `CREATE VIRTUAL TABLE "Posts_fts" USING fts5(title, body, content='posts', tokenize="porter unicode61")`,
  'CREATE VIRTUAL TABLE places USING rtree(id, low, high)',
])
const translator = createTranslator(
  catalogOf({ version: 1, tables: [], foreignKeys: true, virtualTables }),
)

test.each([
  ["INSERT INTO posts_fts(posts_fts) VALUES('rebuild')", 'The fts5 table posts_fts'],
  ["SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'x'", 'The fts5 table posts_fts'],
  ['SELECT id FROM main.places WHERE low < 1', 'The rtree table places'],
  ['DELETE FROM places', 'The rtree table places'],
  ['SELECT seq FROM sqlite_sequence', 'sqlite_sequence'],
])('%s is refused with the table that stays on SQLite', (sql, construct) => {
  expect(() => translator.translate(sql, [])).toThrow(
    expect.objectContaining({
      code: 'SQL_UNSUPPORTED',
      details: expect.objectContaining({ construct }),
    }),
  )
})

test('a table that is nowhere is an error, as on SQLite', () => {
  expect(() => translator.translate('SELECT * FROM nowhere', [])).toThrow('no such table: nowhere')
})
