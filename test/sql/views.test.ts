import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../src/sql/statement.ts'
import { readView, withViews, type View } from '../../src/sql/views.ts'

const tables = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE, x);
  CREATE TABLE copy (a, b);
  INSERT INTO t VALUES (1, 'a', 5), (2, 'B', 'five'), (3, NULL, 2.5)`
const views = [
  `CREATE VIEW plain AS SELECT id, n FROM t`,
  `CREATE VIEW IF NOT EXISTS "odd ""one" (k, "v 2") AS WITH c AS (SELECT * FROM t) SELECT id, x FROM c WHERE id < 3 ORDER BY id DESC LIMIT 2 -- end`,
  `CREATE VIEW main.nested AS SELECT p.id, o."v 2" AS v FROM Plain p JOIN "odd ""one" o ON o.k = p.id UNION ALL VALUES (9, 'nine')`,
]
const known = new Map<string, View>(
  views.map((sql) => {
    const view = readView(sql) as View
    return [view.name.toLowerCase(), view]
  }),
)

const statements = [
  'SELECT * FROM plain ORDER BY id',
  'SELECT * FROM PLAIN AS p JOIN t USING (id) ORDER BY 1',
  `SELECT * FROM plain WHERE n = 'b'`,
  'SELECT typeof(v), v FROM nested ORDER BY id',
  `SELECT count(*) FROM "odd ""one"`,
  'WITH own AS (SELECT id FROM nested) SELECT * FROM own ORDER BY id',
  'with recursive r(i) as (select 1 union all select i + 1 from r where i < 3) select * from r, plain order by 1, 2',
  'SELECT (SELECT max(id) FROM nested), EXISTS (SELECT 1 FROM plain)',
  'INSERT INTO copy SELECT id, v FROM nested RETURNING a, b',
  'UPDATE t SET x = (SELECT max(v) FROM nested) WHERE id IN (SELECT id FROM plain) RETURNING id, x',
  'DELETE FROM t WHERE id = (SELECT min(id) FROM plain) RETURNING id',
  '/* first */ SELECT id FROM plain -- last',
]

describe('a view that is brought along', () => {
  test.each(statements)('means what the view means: %s', (sql) => {
    const wanted = new Database(':memory:')
    wanted.exec([tables, ...views.map((view) => view.replace(/-- end$/, ''))].join(';'))
    const without = new Database(':memory:')
    without.exec(tables)
    const text = withViews(sql, analyze(sql).tables, known)
    expect(() => without.prepare(sql)).toThrow('no such table')
    const rows = (db: Database.Database, statement: string): unknown => {
      const prepared = db.prepare(statement)
      return [prepared.columns().map(({ name }) => name), prepared.raw().all()]
    }
    expect(rows(without, text)).toEqual(rows(wanted, sql))
  })

  test('is left out of a statement that does not read it', () => {
    expect(withViews('SELECT * FROM t', ['t'], known)).toBe('SELECT * FROM t')
    const shadowed = 'WITH plain AS (SELECT 1 AS id) SELECT * FROM plain'
    expect(withViews(shadowed, analyze(shadowed).tables, known)).toBe(shadowed)
  })

  test('is refused beside a name that would change what it reads', () => {
    const sql = 'WITH t AS (SELECT 1 AS id) SELECT * FROM plain, t'
    expect(() => withViews(sql, [...analyze(sql).tables], known)).toThrow(
      expect.objectContaining({ code: 'SQL_UNSUPPORTED' }) as Error,
    )
  })
})
