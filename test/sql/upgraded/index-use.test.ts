import { afterAll, beforeAll, expect, test } from 'vitest'
import { explain } from '../translate/explain.ts'
import { openQueries, type Queries } from '../translate/queries.ts'

const schema = `
  CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, active BOOLEAN NOT NULL, at DATETIME, iso TEXT, ms INTEGER, day DATE,
    other TEXT, meta TEXT, price DECIMAL(10,2), n INTEGER NOT NULL);
  CREATE INDEX t_active ON t (active); CREATE INDEX t_at ON t (at); CREATE INDEX t_iso ON t (iso);
  CREATE INDEX t_ms ON t (ms); CREATE INDEX t_day ON t (day); CREATE INDEX t_other ON t (other);
  CREATE INDEX t_price ON t (price); CREATE INDEX t_plan ON t (json_extract(meta, '$.plan'));
  CREATE INDEX t_live ON t (n) WHERE active = 1; CREATE INDEX t_dead ON t (n) WHERE NOT active;
  CREATE INDEX t_open ON t (n) WHERE meta IS NULL;
  INSERT INTO t VALUES ('0a000000-0000-4000-8000-000000000001', 1, '2024-01-01 00:00:00', '2024-01-01T00:00:00.000Z', 1,
    '2024-01-01', NULL, '{"plan":"pro"}', 1.5, 1);
`

const columns = {
  't.id': 'uuid',
  't.active': 'boolean',
  't.at': 'timestamptz',
  't.iso': 'timestamptz(iso)',
  't.ms': 'timestamptz(milliseconds)',
  't.day': 'date',
  't.other': 'uuid',
  't.meta': 'jsonb',
  't.price': 'numeric(10,2)',
} as const

const uuid = '0a000000-0000-4000-8000-000000000001'

const cases: readonly (readonly [index: string, sql: string, ...params: unknown[]])[] = [
  ['t_active', 'SELECT id FROM t WHERE active = 1'],
  ['t_active', 'SELECT id FROM t WHERE active = 0'],
  ['t_active', 'SELECT id FROM t WHERE active'],
  ['t_active', 'SELECT id FROM t WHERE active = ?', 1],
  ['t_live', 'SELECT n FROM t WHERE active = 1 AND n = 5'],
  ['t_live', 'SELECT n FROM t WHERE active ORDER BY n LIMIT 5'],
  ['t_dead', 'SELECT n FROM t WHERE active = 0 AND n = 5'],
  ['t_open', 'SELECT n FROM t WHERE meta IS NULL AND n = 5'],
  ['t_at', 'SELECT id FROM t WHERE at > ?', '2024-01-01'],
  ['t_at', 'SELECT id FROM t WHERE at = ?', '2024-01-01 00:00:00'],
  ['t_at', `SELECT id FROM t WHERE at BETWEEN '2024-01-01' AND '2024-02-01'`],
  ['t_at', `SELECT id FROM t WHERE at > datetime('now', '-7 days')`],
  ['t_at', 'SELECT id FROM t WHERE at < CURRENT_TIMESTAMP'],
  ['t_at', 'SELECT id FROM t ORDER BY at DESC LIMIT 5'],
  ['t_at', 'SELECT max(at) FROM t'],
  ['t_at', 'SELECT at, count(*) FROM t GROUP BY at'],
  ['t_iso', 'SELECT id FROM t WHERE iso >= ? AND iso < ?', '2024-01-01', '2024-01-02'],
  ['t_ms', 'SELECT id FROM t WHERE ms > ?', 1704067200000],
  ['t_ms', `SELECT id FROM t WHERE ms >= unixepoch('now', '-1 day') * 1000`],
  ['t_day', 'SELECT id FROM t WHERE day = ?', '2024-01-01'],
  ['t_day', 'SELECT id FROM t WHERE day IN (?, ?)', '2024-01-01', '2024-01-02'],
  ['t_day', `SELECT id FROM t WHERE day >= date('now', 'start of month')`],
  ['t_day', 'SELECT day FROM t ORDER BY day LIMIT 5'],
  ['lockstep_pk_1', 'SELECT n FROM t WHERE id = ?', uuid],
  ['lockstep_pk_1', `SELECT n FROM t WHERE id = '${uuid}'`],
  ['lockstep_pk_1', 'SELECT n FROM t WHERE id IN (?, ?)', uuid, 'x'],
  ['lockstep_pk_1', 'SELECT n FROM t WHERE id > ? ORDER BY id LIMIT 5', uuid],
  ['t_other', 'SELECT a.n FROM t a JOIN t b ON b.other = a.id WHERE a.id = ?', uuid],
  ['t_plan', `SELECT n FROM t WHERE json_extract(meta, '$.plan') = ?`, 'pro'],
  ['t_plan', `SELECT n FROM t WHERE meta ->> '$.plan' = 'pro'`],
  ['t_price', 'SELECT n FROM t WHERE price > ?', 19.99],
  ['t_price', 'SELECT n FROM t WHERE price = 20'],
]

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(schema, columns)
  await queries.client.query(`
    INSERT INTO t SELECT md5(g::text)::uuid, g % 2 = 0, timestamptz '2020-01-01Z' + g * interval '1 hour', timestamptz '2020-01-01Z' + g * interval '1 hour',
      timestamptz '2020-01-01Z' + g * interval '1 hour', date '2020-01-01' + g, md5((g + 1)::text)::uuid, ('{"plan":"p' || g || '"}')::jsonb, g, g % 1000
      FROM generate_series(2, 20000) g;
    ANALYZE t`)
}, 60_000)
afterAll(() => queries[Symbol.asyncDispose]())

test.each(cases.map(([index, sql, ...params]) => [index, sql, params] as const))(
  '%s serves %s',
  async (index, sql, params) => {
    const text = await explain(queries, sql, params)
    expect(text).toContain(`${index} `)
    expect(text).not.toMatch(/Seq Scan on t|^\s*(?:->\s*)?(?:Incremental )?Sort /m)
  },
)
