import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions, type Expressions, type Named } from './expressions.ts'
import { fuzzTables, type FuzzTable } from './tables.ts'

/** Tables under aliases, so that the same one can come twice. */
interface From {
  readonly sql: string
  readonly columns: readonly Named[]
}

const columnsOf = ({ columns }: FuzzTable, alias: string): Named[] =>
  columns.map((column) => ({ ...column, sql: `${alias}.${column.name}` }))

const tables = fc.constantFrom(...fuzzTables)

function joined(left: FuzzTable): Arbitrary<From> {
  const columns = columnsOf(left, 'a')
  return fc
    .tuple(tables, fc.constantFrom('JOIN', 'LEFT JOIN', 'CROSS JOIN', 'RIGHT JOIN', 'FULL JOIN'))
    .chain(([right, join]) => {
      const both = [...columns, ...columnsOf(right, 'b')]
      const sql = `${left.name} AS a ${join} ${right.name} AS b`
      if (join === 'CROSS JOIN') return fc.constant({ sql, columns: both })
      return fc
        .oneof(equalColumns(columns, columnsOf(right, 'b')), expressions(both, 1).condition)
        .map((on) => ({ sql: `${sql} ON ${on}`, columns: both }))
    })
}

function equalColumns(left: readonly Named[], right: readonly Named[]): Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...left), fc.constantFrom(...right))
    .map(([a, b]) => `${a.sql} = ${b.sql}`)
}

const from: Arbitrary<From> = fc.oneof(
  {
    weight: 3,
    arbitrary: tables.map((table) => ({
      sql: `${table.name} AS a`,
      columns: columnsOf(table, 'a'),
    })),
  },
  { weight: 2, arbitrary: tables.chain(joined) },
)

const optional = (arbitrary: Arbitrary<string>): Arbitrary<string> =>
  fc.option(arbitrary, { nil: '' })

/** ORDER BY every result column by its number: the order is total but for rows that are equal. */
const everyColumn = (count: number): Arbitrary<string> =>
  fc
    .array(fc.constantFrom('', ' DESC', ' ASC NULLS LAST', ' DESC NULLS FIRST'), {
      minLength: count,
      maxLength: count,
    })
    .map(
      (directions) =>
        ` ORDER BY ${directions.map((direction, index) => `${index + 1}${direction}`).join(', ')}`,
    )

const limit = optional(
  fc.constantFrom(' LIMIT 3', ' LIMIT 2 OFFSET 1', ' LIMIT -1', ' LIMIT 0', ' LIMIT 1, 3'),
)

const plain: Arbitrary<string> = from.chain(({ sql, columns }) => {
  const { any, condition } = expressions(columns)
  return fc
    .tuple(
      fc.array(any, { minLength: 1, maxLength: 3 }),
      optional(condition.map((where) => ` WHERE ${where}`)),
      fc.constantFrom('', 'DISTINCT '),
    )
    .chain(([items, where, distinct]) =>
      fc.tuple(optional(everyColumn(items.length)), limit).map(
        ([order, bound]) =>
          // Without an order nobody can say which rows a bound leaves.
          `SELECT ${distinct}${items.join(', ')} FROM ${sql}${where}${order}${order === '' ? '' : bound}`,
      ),
    )
})

function aggregate({ number, text, any, condition }: Expressions): Arbitrary<string> {
  const filter = optional(condition.map((where) => ` FILTER (WHERE ${where})`))
  return fc.oneof(
    fc.constant('count(*)'),
    fc.tuple(fc.constantFrom('count', 'max', 'min'), any).map(([f, a]) => `${f}(${a})`),
    fc
      .tuple(fc.constantFrom('sum', 'avg', 'total'), number, filter)
      .map(([f, a, where]) => `${f}(${a})${where}`),
    fc.tuple(fc.constantFrom('count', 'sum'), number).map(([f, a]) => `${f}(DISTINCT ${a})`),
    fc
      .tuple(fc.constantFrom('group_concat', 'json_group_array'), text)
      .map(([f, a]) => `length(${f}(${a}))`),
  )
}

const grouped: Arbitrary<string> = from.chain(({ sql, columns }) => {
  const all = expressions(columns, 2)
  return fc
    .tuple(
      fc.array(all.any, { maxLength: 2 }),
      fc.array(aggregate(all), { minLength: 1, maxLength: 3 }),
      optional(all.condition.map((where) => ` WHERE ${where}`)),
      optional(aggregate(all).map((value) => ` HAVING ${value} > 1`)),
    )
    .map(([keys, values, where, having]) => {
      const items = [...keys, ...values].join(', ')
      const names = keys.map((_, index) => String(index + 1)).join(', ')
      const group = keys.length === 0 ? '' : ` GROUP BY ${names}${having} ORDER BY ${names}`
      return `SELECT ${items} FROM ${sql}${where}${group}`
    })
})

const windowed: Arbitrary<string> = tables.chain((table) => {
  const columns = columnsOf(table, 'a')
  const { any, number } = expressions(columns, 1)
  const key = fc.constantFrom(...columns.map((column) => column.sql))
  const call = fc.oneof(
    fc.constantFrom(
      'row_number()',
      'rank()',
      'dense_rank()',
      'percent_rank()',
      'cume_dist()',
      'ntile(2)',
      'count(*)',
    ),
    fc
      .tuple(
        fc.constantFrom(
          'sum',
          'avg',
          'min',
          'max',
          'count',
          'first_value',
          'last_value',
          'lag',
          'lead',
        ),
        number,
      )
      .map(([f, a]) => `${f}(${a})`),
    fc.tuple(any, fc.constantFrom('1', '2')).map(([a, n]) => `lag(${a}, ${n})`),
  )
  const frame = optional(
    fc.constantFrom(
      ' ROWS BETWEEN 1 PRECEDING AND CURRENT ROW',
      ' ROWS UNBOUNDED PRECEDING',
      ' RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
      ' GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
    ),
  )
  const every = columns.map((column) => column.sql).join(', ')
  return fc
    .tuple(
      call,
      optional(key.map((column) => `PARTITION BY ${column} `)),
      fc.constantFrom('', ' DESC'),
      key,
      frame,
    )
    .map(
      ([f, partition, direction, first, bounds]) =>
        // Ties would leave open which row comes first, so every column has its say.
        `SELECT ${every}, ${f} OVER (${partition}ORDER BY ${first}${direction}, ${every}${bounds}) AS w FROM ${table.name} AS a`,
    )
})

const nested: Arbitrary<string> = fc.tuple(tables, tables).chain(([outer, inner]) => {
  const columns = columnsOf(outer, 'a')
  const innerColumns = columnsOf(inner, 'b')
  const { condition, any } = expressions([...columns, ...innerColumns], 1)
  const key = fc.constantFrom(...columns.map(({ sql }) => sql))
  const value = fc.constantFrom(...innerColumns.map(({ sql }) => sql))
  return fc
    .tuple(
      fc.constantFrom('exists', 'in', 'scalar', 'derived', 'cte', 'compound'),
      key,
      value,
      condition,
      any,
    )
    .map(([form, left, right, where, item]) => {
      const query = `FROM ${inner.name} AS b WHERE ${where}`
      switch (form) {
        case 'exists':
          return `SELECT ${left} FROM ${outer.name} AS a WHERE EXISTS (SELECT 1 ${query})`
        case 'in':
          return `SELECT ${left} FROM ${outer.name} AS a WHERE ${left} IN (SELECT ${right} ${query})`
        case 'scalar':
          return `SELECT ${left}, (SELECT count(${right}) ${query}) FROM ${outer.name} AS a`
        case 'derived':
          return `SELECT s.v, count(*) FROM (SELECT ${right} AS v FROM ${inner.name} AS b) AS s GROUP BY s.v ORDER BY 1`
        case 'cte':
          return `WITH s(v) AS (SELECT ${right} FROM ${inner.name} AS b) SELECT ${left}, s.v, ${item.includes('b.') ? '1' : item} FROM ${outer.name} AS a JOIN s ON s.v = ${left}`
        default:
          return `SELECT ${left} FROM ${outer.name} AS a ${where.length % 2 === 0 ? 'UNION' : 'EXCEPT'} SELECT ${right} FROM ${inner.name} AS b ORDER BY 1`
      }
    })
})

export const queries: Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 3, arbitrary: grouped },
  { weight: 2, arbitrary: windowed },
  { weight: 3, arbitrary: nested },
)
