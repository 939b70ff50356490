import { assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE edge (parent INTEGER, child INTEGER, name TEXT COLLATE NOCASE);
    INSERT INTO edge VALUES (1, 2, 'b'), (1, 3, 'A'), (2, 4, 'a'), (2, 5, 'C'), (3, 6, NULL), (4, 7, 'B'), (6, 1, 'c');
    CREATE TABLE bounds (n INTEGER); INSERT INTO bounds VALUES (1), (2), (4);
  `)
})
afterAll(() => queries[Symbol.asyncDispose]())

async function difference(sql: string): Promise<string | null> {
  const expected = queries.sqlite(sql)
  const actual = await queries.postgres(sql)
  return isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)
}

const walk = (order: string, tail = ''): string =>
  `WITH walk(node, depth) AS (VALUES (1, 0) UNION ALL SELECT child, depth + 1 FROM edge JOIN walk ON parent = node WHERE depth < 4${order} LIMIT 5${tail}) SELECT node, depth FROM walk`

describe('a recursive table takes its rows from the queue as SQLite does', () => {
  test.each([
    walk(' ORDER BY 2 DESC, 1'),
    walk(' ORDER BY 2, 1 DESC'),
    walk(' ORDER BY depth DESC, child', ' OFFSET 2'),
    walk(''),
    walk('', ' OFFSET 3'),
    'WITH c(x) AS (SELECT 1 UNION SELECT 1 FROM c LIMIT 5) SELECT x FROM c',
    'WITH c(x) AS (SELECT 8 UNION SELECT (x + 3) % 10 FROM c ORDER BY 1 LIMIT 20 OFFSET 2) SELECT x FROM c',
    'WITH c(x) AS (VALUES (1), (1) UNION ALL SELECT DISTINCT x + 1 FROM c WHERE x < 3) SELECT x FROM c',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3 UNION ALL SELECT x * 10 FROM c WHERE x < 3) SELECT x FROM c',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3 UNION ALL SELECT 100) SELECT x FROM c',
    'WITH c(x) AS (SELECT 1 UNION SELECT 1.0 FROM c) SELECT typeof(x) FROM c',
    `WITH c(x) AS (SELECT 'a' UNION SELECT upper(x) COLLATE NOCASE FROM c) SELECT x FROM c`,
    'WITH c(x) AS (SELECT 1 UNION SELECT child FROM c LEFT JOIN edge ON parent = x) SELECT x FROM c',
    'WITH c(x) AS (SELECT 1 UNION SELECT child FROM c RIGHT JOIN edge ON parent = x) SELECT x FROM c',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c ORDER BY 1) SELECT x FROM c LIMIT 4',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c ORDER BY y) SELECT x FROM c LIMIT 4',
    'SELECT n, (WITH r(x) AS (VALUES (n) UNION SELECT x - 1 FROM r WHERE x > 0 ORDER BY 1 DESC) SELECT max(x) + count(*) FROM r) FROM bounds ORDER BY n',
    'WITH a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a ORDER BY 1 LIMIT 3), b(y) AS (SELECT x FROM a UNION SELECT y * 2 FROM b WHERE y < 9 ORDER BY 1 DESC) SELECT (SELECT count(*) FROM a), y FROM b',
    `WITH c(x, y) AS (SELECT 1, x'00ff' UNION ALL SELECT x + 1, y || y FROM c WHERE x < 3 ORDER BY y DESC) SELECT x, y FROM c`,
  ])('%s', async (sql) => {
    expect(await difference(sql)).toBeNull()
  })

  test('its rows come in the order in which they are taken', async () => {
    const sql = walk(' ORDER BY 2 DESC, 1 DESC').replace(
      'SELECT node, depth FROM walk',
      `SELECT group_concat(node || ':' || depth) FROM walk`,
    )
    expect(await difference(sql)).toBeNull()
  })

  test('whatever it is made of, a LIMIT takes the same rows', async () => {
    const shape = record({
      first: constantFrom('VALUES (1, 0)', 'VALUES (2, 0), (1, 0)', 'SELECT parent, 0 FROM edge'),
      union: constantFrom('UNION', 'UNION ALL'),
      arm: constantFrom(
        'SELECT child, depth + 1 FROM edge JOIN w ON parent = node WHERE depth < 4',
        'SELECT DISTINCT child % 3, depth FROM w JOIN edge ON parent <= node WHERE depth < 4 ORDER_',
        'SELECT node * 2, depth + 1 FROM w WHERE node < 40',
        'SELECT node, depth + 1 FROM w WHERE depth < 3',
      ),
      more: constantFrom('', '', 'SELECT node + 1, depth + 2 FROM w WHERE depth < 3'),
      order: constantFrom(
        '',
        ' ORDER BY 1',
        ' ORDER BY 2 DESC, 1',
        ' ORDER BY 1 DESC, 2',
        ' ORDER BY 2',
      ),
      limit: integer({ min: -1, max: 12 }),
      offset: integer({ min: -1, max: 3 }),
    })
    await assert(
      asyncProperty(shape, async ({ first, union, arm, more, order, limit, offset }) => {
        const arms = [first, arm.replace(' ORDER_', ''), more].filter((text) => text !== '')
        const body = `${arms.join(` ${union} `)}${order}`
        // Rows that the arm gives in no order wait in none, so only a full order says which come first.
        const isTotal = order.includes(',')
        const bound = isTotal ? ` LIMIT ${limit} OFFSET ${offset}` : ''
        const sql = `WITH w(node, depth) AS (${body}${bound}) SELECT node, depth FROM w`
        const isFinite = union === 'UNION' || !arm.includes('DISTINCT') || (isTotal && limit >= 0)
        expect(isFinite ? await difference(sql) : null).toBeNull()
      }),
      { numRuns: Number(process.env['LOCKSTEP_FUZZ_RUNS'] ?? 150) },
    )
  })

  test('what SQLite reads in another order than the text is refused', async () => {
    const sql =
      'WITH c(x) AS (SELECT 1 UNION SELECT child FROM edge LEFT JOIN c ON parent = x) SELECT x FROM c'
    expect(await queries.postgres(sql)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
  })
})
