import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions } from './expressions.ts'
import { columnsOf, optional, tables } from './from.ts'

/** One arm of so many columns over one table. */
const arm = (width: number): Arbitrary<string> =>
  tables.chain((table) => {
    const { any, condition } = expressions(columnsOf(table, 'a'), 1)
    return fc
      .tuple(
        fc.array(any, { minLength: width, maxLength: width }),
        optional(condition.map((where) => ` WHERE ${where}`)),
      )
      .map(([items, where]) => `SELECT ${items.join(', ')} FROM ${table.name} AS a${where}`)
  })

const operators = fc.constantFrom('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT')

/** Two or three arms; every column sorts, so that a bound leaves the same rows, where letters do not tie. */
export const compounds: Arbitrary<string> = fc.constantFrom(1, 2).chain((width) =>
  fc
    .tuple(
      fc.array(arm(width), { minLength: 2, maxLength: 3 }),
      fc.tuple(operators, operators),
      fc.constantFrom('', ' DESC', ' NULLS LAST'),
      fc.constantFrom('', '', ' LIMIT 3', ' LIMIT 2 OFFSET 1'),
    )
    .map(([arms, words, direction, bound]) => {
      const body = arms.reduce((left, right, index) => `${left} ${words[index - 1]} ${right}`)
      const keys = width === 1 ? `1${direction}` : `1${direction}, 2`
      return `${body} ORDER BY ${keys}${/\.code\b/.test(body) ? '' : bound}`
    }),
)

/** WITH: one or two tables, joined, grouped or counted, and recursion. */
export const commonTables: Arbitrary<string> = fc.tuple(tables, tables).chain(([one, two]) => {
  const [ours, theirs] = [columnsOf(one, 'a'), columnsOf(two, 'b')]
  const { any, integer, condition } = expressions(ours, 1)
  const inner = expressions(
    [
      { name: 'v', class: 'text', sql: 's.v' },
      { name: 'w', class: 'integer', sql: 's.w' },
    ],
    1,
  )
  const key = fc.constantFrom(...theirs.map(({ sql }) => sql))
  return fc
    .tuple(any, integer, condition, key, inner.any, inner.condition)
    .chain(([v, w, where, column, item, filter]) => {
      const s = `s(v, w) AS (SELECT ${v}, ${w} FROM ${one.name} AS a WHERE ${where})`
      return fc.constantFrom(
        `WITH ${s} SELECT s.v, ${item} FROM s WHERE ${filter}`,
        `WITH ${s} SELECT s.w, count(*), max(s.v) FROM s GROUP BY s.w ORDER BY 1`,
        `WITH ${s}, t AS (SELECT w, count(*) AS n FROM s GROUP BY w) SELECT s.v, t.n FROM s LEFT JOIN t ON t.w = s.w`,
        `WITH ${s} SELECT ${column}, s.w FROM ${two.name} AS b JOIN s ON s.w = ${column}`,
        `WITH ${s} SELECT ${column} FROM ${two.name} AS b WHERE ${column} IN (SELECT v FROM s)`,
        `WITH RECURSIVE r(x) AS (SELECT ${w} FROM ${one.name} AS a UNION ALL SELECT x + 1 FROM r WHERE x BETWEEN 0 AND 5) SELECT x, count(*) FROM r GROUP BY x ORDER BY x`,
        `WITH RECURSIVE r(x, y) AS (SELECT 1, ${w} FROM ${one.name} AS a UNION SELECT x + 1, y FROM r WHERE x < 3) SELECT * FROM r`,
        `SELECT q.v, q.w FROM (SELECT ${v} AS v, ${w} AS w FROM ${one.name} AS a WHERE ${where}) AS q ORDER BY 2, 1`,
      )
    })
})
