import { createPlans } from '../../src/route/plans.ts'
import { createStatementSource } from '../../src/route/statement-source.ts'
import { catalogOf } from '../../src/schema/catalog.ts'
import { createConnectionState } from '../../src/sql/connection-functions.ts'
import { encodeSlot } from '../../src/sql/encode-slot.ts'
import { Base } from './base.ts'
import { statementsOf } from './case.ts'
import type { MakeTranslator } from './postgres-side.ts'
import type { FidelityServer } from './server.ts'

/** One statement, and whether the server takes the index that an engineer would expect. */
export interface IndexUse {
  readonly sql: string
  readonly index: string
  readonly isUsed: boolean
  /** The first line of the plan, or the refusal. */
  readonly plan: string
}

const schema = `
  CREATE TABLE events (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT, score REAL,
    email TEXT COLLATE NOCASE, at TEXT, ms INTEGER, price NUMERIC, active BOOLEAN NOT NULL, payload TEXT);
  CREATE INDEX by_owner ON events (owner, at);
  CREATE INDEX by_title ON events (title);
  CREATE INDEX by_score ON events (score);
  CREATE INDEX by_email ON events (email);
  CREATE INDEX by_at ON events (at);
  CREATE INDEX by_ms ON events (ms DESC);
  CREATE INDEX by_price ON events (price);
  CREATE INDEX by_active ON events (owner) WHERE active = 0;
  CREATE INDEX by_lower ON events (lower(title));
  CREATE INDEX by_json ON events (json_extract(payload, '$.user'));
  CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  INSERT INTO events VALUES (1, 1, 'k', 't', 1.5, 'e', '2024-01-01 00:00:00', 1, 1.5, 1, '{"user":"u1"}');
  INSERT INTO owners VALUES (1, 'o1');
`

const rows = `
  INSERT INTO events SELECT g, g % 5000, 'k' || g % 7, 't' || g, g / 7.0, 'E' || g,
    to_char(timestamp '2000-01-01' + g * interval '1 hour', 'YYYY-MM-DD HH24:MI:SS'), g * 1000, g / 3.0,
    (g % 100 <> 0)::int, '{"user":"u' || g || '"}' FROM generate_series(2, 50000) g;
  INSERT INTO owners SELECT g, 'o' || g FROM generate_series(2, 5000) g;
  ANALYZE events; ANALYZE owners`

/** What an engineer expects of the server's own plan, with its own costs. */
const cases: readonly (readonly [index: string, sql: string, ...args: unknown[]])[] = [
  ['lockstep_pk_1', 'SELECT * FROM events WHERE id = ?', 77],
  ['lockstep_pk_1', 'SELECT * FROM events WHERE id IN (?, ?, ?)', 1, 2, 3],
  ['lockstep_pk_1', 'SELECT * FROM events ORDER BY id DESC LIMIT 10'],
  ['lockstep_pk_1', 'SELECT * FROM events WHERE id > ? ORDER BY id LIMIT 10', 500],
  ['lockstep_pk_1', 'SELECT max(id) FROM events'],
  ['lockstep_pk_1', 'UPDATE events SET title = ? WHERE id = ?', 'x', 5],
  ['lockstep_pk_1', 'DELETE FROM events WHERE id = ?', 5],
  ['by_owner', 'SELECT * FROM events WHERE owner = ?', 7],
  ['by_owner', 'SELECT * FROM events WHERE owner = ? ORDER BY at DESC LIMIT 5', 7],
  ['by_owner', 'SELECT count(*) FROM events WHERE owner = ? AND at >= ?', 7, '2003-01-01'],
  ['by_title', 'SELECT * FROM events WHERE title = ?', 't9'],
  ['by_title', "SELECT * FROM events WHERE title >= 't90' AND title < 't91'"],
  ['by_title', 'SELECT title FROM events ORDER BY title LIMIT 5'],
  ['by_title', "SELECT * FROM events WHERE title GLOB 't4999*'"],
  ['by_score', 'SELECT * FROM events WHERE score = ?', 3],
  ['by_score', 'SELECT * FROM events WHERE score BETWEEN ? AND ?', 1.5, 2.5],
  ['by_email', 'SELECT * FROM events WHERE email = ?', 'e77'],
  ['by_email', 'SELECT email FROM events ORDER BY email LIMIT 5'],
  ['by_at', "SELECT * FROM events WHERE at >= '2005-09-01' AND at < '2005-09-02'"],
  ['by_at', "SELECT * FROM events WHERE at > datetime('now', '-1 day')"],
  ['by_at', 'SELECT * FROM events ORDER BY at DESC LIMIT 5'],
  ['by_ms', 'SELECT * FROM events WHERE ms > ? ORDER BY ms DESC LIMIT 5', 49_990_000],
  ['by_ms', 'SELECT * FROM events WHERE ms = ?', 5000n],
  ['by_price', 'SELECT * FROM events WHERE price = ?', 5],
  ['by_price', 'SELECT * FROM events WHERE price < ?', 1.5],
  ['by_active', 'SELECT * FROM events WHERE active = 0 AND owner = ?', 100],
  ['by_lower', 'SELECT * FROM events WHERE lower(title) = ?', 't77'],
  ['by_json', "SELECT * FROM events WHERE json_extract(payload, '$.user') = ?", 'u77'],
  ['by_json', "SELECT * FROM events WHERE payload ->> '$.user' = 'u77'"],
  [
    'by_owner',
    'SELECT o.name, e.title FROM owners o JOIN events e ON e.owner = o.id WHERE o.id = ?',
    7,
  ],
  [
    'by_owner',
    'SELECT * FROM owners o WHERE o.id = ? AND EXISTS (SELECT 1 FROM events e WHERE e.owner = o.id)',
    9,
  ],
  ['by_title', "SELECT * FROM events WHERE title LIKE 't4999%'"],
  ['by_email', "SELECT * FROM events WHERE email LIKE 'e4999%'"],
  ['by_email', 'SELECT * FROM events WHERE email LIKE ?', 'E4999%'],
]

/** Asks the server for its plans over 50,000 rows. Its own choices: nothing is switched off. */
export async function measureIndexUse(
  server: FidelityServer,
  make: MakeTranslator,
): Promise<readonly IndexUse[]> {
  await server.renew()
  await using base = await Base.open(server, statementsOf([schema]))
  await server.client.query(rows)
  const { tables } = base.carried.schema
  const catalog = catalogOf({ version: 1, tables, foreignKeys: true })
  let names = 0
  const source = createStatementSource({
    catalog,
    tables,
    translator: make(catalog),
    views: new Map(),
    safeIntegers: true,
    nextName: () => `index_use_${(names += 1)}`,
    columnNames: () => [],
  })
  const plans = createPlans(() => source)
  const explain = async (sql: string, args: readonly unknown[]): Promise<string> => {
    const facts = { state: createConnectionState(), sqliteVersion: '3.53.2' }
    const { prepared, values } = plans.of(sql).postgres().bind(args, facts)
    const step = prepared.steps.find(({ role }) => role === 'result')
    const sent = (step?.slots ?? []).map((slot) =>
      encodeSlot(slot, values[slot.parameter - 1], String),
    )
    const { rows: lines } = await server.client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${step?.text}`,
      sent,
    )
    return lines.map((line) => line['QUERY PLAN']).join('\n')
  }
  const uses: IndexUse[] = []
  for (const [index, sql, ...args] of cases) {
    await server.client.query('SAVEPOINT fidelity_plan')
    const plan = await explain(sql, args).catch((error: unknown) => String(error))
    await server.client.query('ROLLBACK TO SAVEPOINT fidelity_plan')
    const isUsed = new RegExp(`\\b${index}\\b`).test(plan.replaceAll('"', ''))
    uses.push({ sql, index, isUsed, plan: plan.split('\n')[0] ?? '' })
  }
  return uses
}

/** For docs/fidelity.md. */
export function indexUseText(uses: readonly IndexUse[]): string {
  const used = uses.filter(({ isUsed }) => isUsed).length
  return [
    '## Index use',
    '',
    `Over 50,000 rows, by the server's own costs, ${used} of ${uses.length} statements use the index that is expected of them.`,
    'LIKE ignores the case of letters. So on SQLite it uses the index of a NOCASE column and of no other; the same on PostgreSQL.',
    '',
    '| statement | index | used |',
    '| --- | --- | --- |',
    ...uses.map(({ sql, index, isUsed, plan }) => {
      const answer = isUsed ? 'yes' : `**no**: ${plan.replaceAll('|', '\\|').slice(0, 100)}`
      return `| \`${sql.replaceAll('|', '\\|')}\` | ${index} | ${answer} |`
    }),
  ].join('\n')
}
