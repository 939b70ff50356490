import { array, assert, asyncProperty, constantFrom, integer, oneof, tuple } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlaces, type Places } from './places.ts'

/** Few values, so that most rows collide with some other. */
const schema = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER UNIQUE, b TEXT COLLATE NOCASE, c INTEGER NOT NULL DEFAULT 3, d INTEGER CHECK (d IS NULL OR d < 9));
  CREATE UNIQUE INDEX t_b ON t (b) WHERE c > 1;
  CREATE TABLE k (x INTEGER NOT NULL, y TEXT NOT NULL, v INTEGER, PRIMARY KEY (x, y)) WITHOUT ROWID;
  INSERT INTO t VALUES (1, 1, 'a', 1, 0), (2, 2, 'b', 2, NULL), (3, NULL, 'C', 3, 1), (4, 4, NULL, 2, 4);
  INSERT INTO k VALUES (1, 'a', 1), (1, 'b', NULL), (2, 'a', 3);
`

let places: Places
beforeAll(async () => {
  places = await openPlaces(schema)
})
afterAll(() => places[Symbol.asyncDispose]())

const small = integer({ min: 1, max: 6 }).map(String)
const number = oneof({ weight: 5, arbitrary: small }, constantFrom('NULL', '-1', `'4'`, '2.0'))
const letter = constantFrom(`'a'`, `'A'`, `'b'`, `'C'`, `'d'`, 'NULL')
const policy = constantFrom('', '', 'OR IGNORE', 'OR REPLACE', 'OR ABORT')
const clause = constantFrom(
  'ON CONFLICT DO NOTHING',
  'ON CONFLICT (a) DO NOTHING',
  'ON CONFLICT (id) DO UPDATE SET d = d + 1, c = excluded.c',
  'ON CONFLICT (a) DO UPDATE SET d = excluded.c, b = excluded.b',
  'ON CONFLICT (a) DO UPDATE SET a = a + 1 WHERE c < 3',
  'ON CONFLICT (b) WHERE c > 1 DO UPDATE SET d = 9',
  'ON CONFLICT (id) DO NOTHING ON CONFLICT (a) DO UPDATE SET d = 7',
  'ON CONFLICT (a) DO UPDATE SET d = 8 ON CONFLICT DO NOTHING',
)
const returning = constantFrom('', '', '', ' RETURNING *', ' RETURNING id, a + 1')
const condition = oneof(
  constantFrom('', ' WHERE a IS NULL', ' WHERE a < 3', ' WHERE c > 1 OR d', ` WHERE b = 'A'`),
  small.map((value) => ` WHERE id = ${value}`),
  small.map((value) => ` WHERE a = ${value}`),
)
const assignment = oneof(
  tuple(constantFrom('a', 'c', 'd', 'id'), number).map(([column, value]) => `${column} = ${value}`),
  letter.map((value) => `b = ${value}`),
  constantFrom(
    'a = a + 1',
    'a = a + 10',
    'id = id + 10',
    'c = nullif(c, 2)',
    'b = b',
    'c = c - 1, b = d',
  ),
)

const row = tuple(number, letter, number, number).map(([a, b, c, d]) => `${a}, ${b}, ${c}, ${d}`)
/** In a statement of several rows an automatic rowid may leave a gap on PostgreSQL. */
const rows = oneof(
  row.map((values) => `(a, b, c, d) VALUES (${values})`),
  array(tuple(small, row), { minLength: 1, maxLength: 3 }).map(
    (list) => `VALUES ${list.map(([id, values]) => `(${id}, ${values})`).join(', ')}`,
  ),
)
const insert = oneof(
  tuple(policy, rows, returning).map(([p, r, back]) => `INSERT ${p} INTO t ${r}${back}`),
  tuple(rows, clause, returning).map(([r, c, back]) => `INSERT INTO t ${r} ${c}${back}`),
)
const limit = constantFrom('', '', ' ORDER BY id DESC LIMIT 2', ' ORDER BY c, id LIMIT 1')
const update = tuple(policy, assignment, condition, returning, limit).map(
  ([p, set, where, back, tail]) => `UPDATE ${p} t SET ${set}${where}${back}${tail}`,
)
const remove = tuple(condition, returning, limit).map(
  ([where, back, tail]) => `DELETE FROM t${where}${back}${tail}`,
)
const onKeys = oneof(
  tuple(policy, small, letter, number).map(
    ([p, x, y, v]) => `INSERT ${p} INTO k VALUES (${x}, ${y}, ${v}), (${x}, 'a', 0)`,
  ),
  tuple(policy, small, condition).map(([p, x]) => `UPDATE ${p} k SET x = ${x}`),
  tuple(policy, small, letter).map(([p, x, y]) => `UPDATE ${p} k SET y = ${y} WHERE x = ${x}`),
)
/** Between the two tables. The rowids are explicit, and the order is said, as both decide over collisions. */
const across = oneof(
  tuple(policy, small).map(
    ([p, n]) =>
      `INSERT ${p} INTO t (id, a, b, c) SELECT x + ${n}, v, y, x + 1 FROM k ORDER BY x, y`,
  ),
  tuple(policy, small).map(
    ([p, n]) => `INSERT ${p} INTO k SELECT a, b, c FROM t WHERE id <> ${n} ORDER BY id DESC`,
  ),
  tuple(constantFrom('a', 'd', 'b'), condition).map(
    ([column, where]) =>
      `UPDATE t SET ${column} = k.v FROM k${where === '' ? ' WHERE' : `${where} AND`} k.x = t.id`,
  ),
  constantFrom(
    'UPDATE t SET d = (SELECT v FROM k WHERE k.x = t.a ORDER BY y LIMIT 1)',
    'UPDATE t SET d = (SELECT o.c FROM t AS o WHERE o.id = t.id - 1)',
    'UPDATE t SET c = (SELECT o.c FROM t AS o WHERE o.id = t.id - 1) WHERE id = 2',
    'UPDATE t SET a = (SELECT o.a FROM t AS o WHERE o.id = 4) + id * 10',
    'UPDATE t SET (c, d) = (SELECT x, v FROM k WHERE y = b ORDER BY x LIMIT 1) WHERE b IS NOT NULL',
    'DELETE FROM t WHERE a IN (SELECT v FROM k) RETURNING id',
    'DELETE FROM k WHERE EXISTS (SELECT 1 FROM t WHERE t.id = k.x AND t.c > 1)',
    `INSERT INTO t (id, a, c) SELECT x, 5, 1 FROM k WHERE y = 'b' ON CONFLICT (id) DO UPDATE SET d = excluded.a`,
    'INSERT INTO k SELECT id, 1, 1 FROM t WHERE id < 3 ORDER BY id ON CONFLICT (x, y) DO UPDATE SET v = v + 1',
  ),
)
const statement = oneof(insert, insert, update, update, remove, onKeys, across)

test('what is written at random does the same on both places, or is refused', async () => {
  let same = 0
  let refused = 0
  await assert(
    asyncProperty(array(statement, { minLength: 1, maxLength: 3 }), async (statements) => {
      const { sqlite, postgres } = await places.outcomes(statements, { closeGaps: true })
      for (const [index, outcome] of postgres.entries()) {
        if ((outcome.answer as { error?: string }).error === 'SQL_UNSUPPORTED') {
          refused += 1
          return
        }
        same += 1
        expect({ statement: statements[index], ...outcome }).toEqual({
          statement: statements[index],
          ...sqlite[index],
        })
      }
    }),
    { numRuns: Number(process.env['LOCKSTEP_FUZZ_RUNS'] ?? 300) },
  )
  // A translator that refuses everything would pass the comparison.
  expect(same / (same + refused)).toBeGreaterThan(0.7)
})
