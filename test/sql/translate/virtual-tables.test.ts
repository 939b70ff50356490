import Database from 'better-sqlite3'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runOnPostgres } from '../../../src/postgres/statements.ts'
import { catalogOf } from '../../../src/schema/catalog.ts'
import { createTranslator } from '../../../src/sql/translate/translator.ts'
import { readVirtualTables } from '../../../src/sql/virtual-tables.ts'
import { openDatabase, type ConnectedDatabase } from '../../support/connected.ts'
import { planOf, runContext, sourceOf } from '../../support/statements.ts'

let database: ConnectedDatabase
let client: Client
beforeAll(async () => {
  database = await openDatabase()
  client = database.client
})
afterAll(() => database[Symbol.asyncDispose]())

const texts = [
  `CREATE VIRTUAL TABLE "Posts_fts" USING fts5(title, body, content='posts', tokenize="porter unicode61")`,
  `CREATE VIRTUAL TABLE bare USING fts5(title, content = "")`,
  'CREATE VIRTUAL TABLE places USING rtree(id, low, high)',
]
const virtualTables = readVirtualTables(texts)
const translator = createTranslator(
  catalogOf({ version: 1, tables: [], foreignKeys: true, virtualTables }),
)

test.each([
  ["INSERT INTO posts_fts(title) VALUES('rebuild')", 'The fts5 table posts_fts'],
  ["INSERT INTO posts_fts(posts_fts, title) VALUES('rebuild', 'x')", 'The fts5 table posts_fts'],
  ["INSERT INTO posts_fts(posts_fts) VALUES('integrity-check')", 'The fts5 table posts_fts'],
  ["INSERT INTO posts_fts(posts_fts) VALUES('rebuild') RETURNING 1", 'The fts5 table posts_fts'],
  ["INSERT INTO bare(bare) VALUES('rebuild')", 'The fts5 table bare'],
  ["INSERT INTO places(places) VALUES('rebuild')", 'The rtree table places'],
  ["SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'x'", 'The fts5 table posts_fts'],
  ["SELECT rowid FROM posts_fts('x') ORDER BY rank", 'The fts5 table posts_fts'],
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

test.each([
  "INSERT INTO posts_fts(posts_fts) VALUES('rebuild')",
  "INSERT INTO main.Posts_FTS(Posts_fts) VALUES('Optimize')",
  "INSERT INTO bare(bare) VALUES('optimize')",
])(
  '%s does nothing on PostgreSQL, which has no such index, and counts as on SQLite',
  async (sql) => {
    const db = new Database(':memory:')
    for (const text of texts.slice(0, 2)) db.exec(text)
    db.exec("CREATE TABLE posts (title, body); INSERT INTO posts (rowid, title) VALUES (23, 'a')")
    const expected = db.prepare(sql).run()
    db.close()
    const context = runContext()
    context.state.lastInsertRowid = 23n
    const plan = planOf(sql, sourceOf({ translator: () => translator }))
    expect(await runOnPostgres(client, plan, 'run', [], context)).toEqual(expected)
    expect(context.state).toEqual({ changes: 1, totalChanges: null, lastInsertRowid: 0n })
  },
)
