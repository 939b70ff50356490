import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions } from './expressions.ts'
import { columnsOf, optional, tables } from './from.ts'

export const windowed: Arbitrary<string> = tables.chain((table) => {
  const columns = columnsOf(table, 'a')
  const { any, number, condition } = expressions(columns, 1)
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
    fc.tuple(any, any).map(([a, b]) => `lead(${a}, 1, ${b})`),
    fc.tuple(any, fc.constantFrom('1', '3')).map(([a, n]) => `nth_value(${a}, ${n})`),
    fc
      .tuple(fc.constantFrom('sum', 'count', 'total', 'max'), number, condition)
      .map(([f, a, where]) => `${f}(${a}) FILTER (WHERE ${where})`),
    fc
      .tuple(fc.constantFrom('min', 'max', 'first_value', 'last_value'), any)
      .map(([f, a]) => `${f}(${a})`),
  )
  const frame = optional(
    fc.constantFrom(
      ' ROWS BETWEEN 1 PRECEDING AND CURRENT ROW',
      ' ROWS UNBOUNDED PRECEDING',
      ' RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
      ' GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
      ' ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW',
      ' ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES',
      ' GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP',
      ' ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING',
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
    .chain(([f, partition, direction, first, bounds]) => {
      // Ties would leave open which row comes first, so every column has its say.
      const window = `${partition}ORDER BY ${first}${direction}, ${every}`
      return fc.constantFrom(
        `SELECT ${every}, ${f} OVER (${window}${bounds}) AS w FROM ${table.name} AS a`,
        `SELECT ${every}, ${f} OVER w AS v, count(*) OVER w AS c FROM ${table.name} AS a WINDOW w AS (${window}${bounds})`,
        `SELECT ${every}, ${f} OVER (o${bounds}) AS w FROM ${table.name} AS a WINDOW o AS (${window})`,
        `SELECT ${first}, count(*), sum(count(*)) OVER (ORDER BY ${first}), rank() OVER (ORDER BY count(*)) FROM ${table.name} AS a GROUP BY ${first} ORDER BY 1`,
      )
    })
})
