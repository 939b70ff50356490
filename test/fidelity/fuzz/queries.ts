import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { commonTables, compounds } from './compounds.ts'
import { expressions, type Expressions } from './expressions.ts'
import { columnsOf, optional, tables, type From } from './from.ts'
import { joins } from './joins.ts'
import { nested } from './nested.ts'
import type { FuzzTable } from './tables.ts'
import { windowed } from './windowed.ts'

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

function equalColumns(left: From['columns'], right: From['columns']): Arbitrary<string> {
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
          // Without an order nobody can say which rows a bound leaves, nor where letters tie that differ.
          `SELECT ${distinct}${items.join(', ')} FROM ${sql}${where}${order}${order === '' || /\.code\b/.test(items.join()) ? '' : bound}`,
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

export const queries: Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 3, arbitrary: grouped },
  { weight: 2, arbitrary: windowed },
  { weight: 3, arbitrary: nested },
  { weight: 2, arbitrary: compounds },
  { weight: 2, arbitrary: commonTables },
  { weight: 2, arbitrary: joins },
)
