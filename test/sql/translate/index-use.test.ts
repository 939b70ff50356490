import { afterAll, beforeAll, expect, test } from 'vitest'
import { explain } from './explain.ts'
import { openQueries, type Queries } from './queries.ts'

const schema = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, r REAL, s TEXT, e TEXT COLLATE NOCASE, m TEXT NOT NULL, d DATETIME, b BLOB, p NUMERIC, j TEXT);
  CREATE INDEX t_n ON t (n); CREATE INDEX t_r ON t (r); CREATE INDEX t_s ON t (s); CREATE INDEX t_e ON t (e);
  CREATE INDEX t_m ON t (m); CREATE INDEX t_d ON t (d); CREATE INDEX t_b ON t (b); CREATE INDEX t_p ON t (p);
  CREATE INDEX t_nm ON t (n, m DESC);
  CREATE INDEX t_json ON t (json_extract(j, '$.user'));
  CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INTEGER, k TEXT);
  CREATE INDEX u_t ON u (t_id);
  INSERT INTO t (id, n, r, s, e, m, d, b, p) VALUES (1, 1, 1.5, 'a', 'A', 'm', '2024-01-01', x'00', 1.5);
`

const cases: readonly (readonly [index: string, sql: string, ...params: unknown[]])[] = [
  ['lockstep_pk_1', 'SELECT * FROM t WHERE id = ?', 5],
  ['lockstep_pk_1', 'SELECT * FROM t WHERE id = ?', '5'],
  ['lockstep_pk_1', 'SELECT * FROM t WHERE rowid = 5'],
  ['lockstep_pk_1', "SELECT * FROM t WHERE id = '5'"],
  ['lockstep_pk_1', 'SELECT * FROM t WHERE id IN (1, 2, ?)', 7n],
  ['lockstep_pk_1', 'SELECT * FROM t ORDER BY id LIMIT 5'],
  ['lockstep_pk_1', 'SELECT * FROM t ORDER BY id DESC LIMIT 5'],
  ['t_n', 'SELECT id FROM t WHERE n > ? AND n < 10', 3],
  ['t_n', 'SELECT id FROM t WHERE n BETWEEN ? AND ?', 3, 4],
  ['t_n', 'SELECT id FROM t WHERE n = 5.0'],
  ['t_n', 'SELECT n FROM t ORDER BY n LIMIT 5'],
  ['t_n', 'SELECT n FROM t ORDER BY n DESC LIMIT 5'],
  ['t_n', 'SELECT id FROM t WHERE n IS NULL'],
  ['t_n', 'SELECT id FROM t WHERE n IS ?', 5],
  ['t_nm', 'SELECT id FROM t WHERE n = 5 ORDER BY m DESC LIMIT 3'],
  ['t_r', 'SELECT id FROM t WHERE r >= 2'],
  ['t_r', 'SELECT id FROM t WHERE r = ?', 2.5],
  ['t_s', 'SELECT id FROM t WHERE s = ?', 'x'],
  ['t_s', 'SELECT id FROM t WHERE s = 5'],
  ['t_s', "SELECT id FROM t WHERE s >= 'a' AND s < 'b'"],
  ['t_s', 'SELECT s FROM t ORDER BY s LIMIT 2'],
  ['t_e', 'SELECT id FROM t WHERE e = ?', 'X'],
  ['t_e', "SELECT id FROM t WHERE e IN ('a', 'B')"],
  ['t_e', 'SELECT e FROM t ORDER BY e LIMIT 2'],
  ['t_e', "SELECT id FROM t WHERE e LIKE 'E199%'"],
  ['t_e', 'SELECT id FROM t WHERE e LIKE ?', 'E199%'],
  ['t_m', 'SELECT m FROM t ORDER BY m LIMIT 2'],
  ['t_d', "SELECT id FROM t WHERE d >= '2024-01-01'"],
  ['t_d', 'SELECT id FROM t WHERE d < CURRENT_TIMESTAMP'],
  ['t_d', 'SELECT id FROM t WHERE d >= ? AND d < ?', '2024-01-01', '2024-02-01'],
  ['t_d', "SELECT id FROM t WHERE d > strftime('%Y', 'now')"],
  ['t_d', "SELECT id FROM t WHERE d >= ? || '-01'", '2024-01'],
  ['t_d', 'SELECT id FROM t WHERE d > (SELECT k FROM u WHERE id = 5)'],
  ['t_d', 'SELECT t.id FROM u JOIN t ON t.d = u.k WHERE u.id = 5'],
  ['t_d', 'SELECT id FROM t WHERE (d, id) > (?, ?) ORDER BY d LIMIT 5', '2024-01-01', 5],
  ['t_n', 'SELECT id FROM t WHERE (n, id) > (?, ?) ORDER BY n LIMIT 5', 5, 5],
  ['t_r', 'SELECT id FROM t WHERE (r, id) > (?, ?) ORDER BY r LIMIT 5', 5n, 5n],
  ['t_r', 'SELECT id FROM t WHERE r > ? AND r <= ?', 5n, 6.5],
  ['t_b', "SELECT id FROM t WHERE b = x'00'"],
  ['t_p', 'SELECT id FROM t WHERE p = ?', 1.5],
  ['t_p', 'SELECT id FROM t WHERE p > 2'],
  ['t_json', "SELECT id FROM t WHERE json_extract(j, '$.user') = ?", 'u77'],
  ['t_json', "SELECT id FROM t WHERE j ->> '$.user' = 'u77'"],
  ['t_json', "SELECT id FROM t WHERE json_extract(j, '$.user') IN ('u77', 'u78')"],
  ['u_t', 'SELECT u.k FROM t JOIN u ON u.t_id = t.id WHERE t.id = 5'],
  ['u_t', 'SELECT (SELECT count(*) FROM u WHERE t_id = t.id) FROM t WHERE id = 3'],
  ['u_t', 'SELECT id FROM u WHERE t_id IN (SELECT id FROM t WHERE id = 4)'],
]

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(schema)
  await queries.client.query(`
    INSERT INTO t (id, n, r, s, e, m, d, b, p, j) SELECT g, g % 1000, g / 7.0, 's' || g, 'e' || g, 'm' || g, '2000-01-' || g, decode(md5(g::text), 'hex'), g / 3.0, '{"user":"u' || g || '"}' FROM generate_series(2, 20000) g;
    INSERT INTO u SELECT g, g % 5000, 'k' FROM generate_series(1, 20000) g;
    ANALYZE t; ANALYZE u`)
})
afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

for (const [index, sql, ...params] of cases)
  test(`${index} serves ${sql} ${params.join(', ')}`, async () => {
    const text = await explain(queries, sql, params)
    expect(text).toContain(`${index} `)
    expect(text).not.toMatch(/Seq Scan|^\s*(?:->\s*)?(?:Incremental )?Sort /m)
  })
