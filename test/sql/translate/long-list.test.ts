import { afterAll, beforeAll, expect, test } from 'vitest'
import { planOf, runContext } from '../../support/statements.ts'
import { explain } from './explain.ts'
import { openQueries, type Queries } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, folded TEXT COLLATE NOCASE, n NUMERIC, r REAL);
    CREATE INDEX by_name ON t (name);
    INSERT INTO t VALUES (1, 'k1', 'K1', 1, 1.0), (2, 'a"b', 'a\\b', 2.5, 2.5), (3, '{x,y}', 'NULL', 9007199254740993, 3.5),
      (4, '', '', 7, 9007199254740993), (5, 'NULL', 'o''x', 5, 5), (6, NULL, NULL, NULL, NULL), (7, 'a\\b', 'ä', -1, -1), (8, ' k2', 'x', 0, 0), (9, '12', '12', 12, 12);
  `)
})
afterAll(() => queries[Symbol.asyncDispose]())

const numbers = Array.from({ length: 400 }, (_, index) => String(index * 2 - 9))
const texts = Array.from({ length: 400 }, (_, index) => `'k${index}'`)
const odd = [`'a"b'`, `'{x,y}'`, `''`, `'NULL'`, `'o''x'`, `'a\\b'`, `'ä'`, `' k2'`, `' 12 '`]
const lists: Readonly<Record<string, readonly string[]>> = {
  numbers: [...numbers, '9007199254740993', '-9223372036854775808'],
  texts: [...texts, ...odd],
  'numbers and texts': [...numbers, ...texts, ...odd],
  'a NULL among them': [...texts, 'NULL', ...numbers],
  'REAL among them': [...numbers, '2.5', '1e3', '3.0'],
  'columns among them': [...numbers, ...odd, 'n', 'id + 1', "x'6b31'"],
}

test.each(Object.entries(lists))(
  'a long list has the members that it has on SQLite: %s',
  async (_, list) => {
    for (const column of ['id', 'name', 'folded', 'n', 'r', 'name || 1', 'CAST(id AS TEXT)']) {
      for (const operator of ['IN', 'NOT IN']) {
        const query = `SELECT id, ${column} ${operator} (${list.join(', ')}) FROM t ORDER BY id`
        expect(await queries.postgres(query), `${column} ${operator}`).toEqual(
          queries.sqlite(query),
        )
      }
    }
  },
)

test.each([
  ['id', 'lockstep_pk_1', numbers],
  ['name', 'by_name', texts],
])(
  'a long list of literals is one constant to PostgreSQL, and an index serves it: %s',
  async (column, index, list) => {
    const sql = `SELECT r FROM t WHERE ${column} IN (${list.join(', ')})`
    const [step] = planOf(sql, queries.source).bind([], runContext()).prepared.steps
    expect(step?.text).toContain(`${column}" = ANY ('{`)
    expect(await explain(queries, sql, [])).toContain(`Index Scan using ${index}`)
  },
)
