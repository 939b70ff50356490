import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions } from './expressions.ts'
import { columnsOf, tables } from './from.ts'

export const nested: Arbitrary<string> = fc.tuple(tables, tables).chain(([outer, inner]) => {
  const columns = columnsOf(outer, 'a')
  const innerColumns = columnsOf(inner, 'b')
  const { condition, any } = expressions([...columns, ...innerColumns], 1)
  const key = fc.constantFrom(...columns.map(({ sql }) => sql))
  const value = fc.constantFrom(...innerColumns.map(({ sql }) => sql))
  return fc
    .tuple(
      fc.constantFrom(
        'exists',
        'in',
        'scalar',
        'derived',
        'compound',
        'first',
        'extreme',
        'not in',
        'every',
      ),
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
        case 'first':
          return `SELECT ${left}, (SELECT ${right} ${query} ORDER BY ${innerColumns.map(({ sql }) => sql).join(', ')} LIMIT 1) FROM ${outer.name} AS a`
        case 'extreme':
          return `SELECT ${left}, (SELECT max(${right}) ${query}), (SELECT min(coalesce(${left}, ${right})) ${query}) FROM ${outer.name} AS a`
        case 'not in':
          return `SELECT ${left} FROM ${outer.name} AS a WHERE ${left} NOT IN (SELECT ${right} ${query}) OR ${item.includes('b.') ? '0' : item}`
        case 'every':
          return `SELECT ${left} FROM ${outer.name} AS a WHERE NOT EXISTS (SELECT 1 ${query}) AND (SELECT count(*) ${query}) < 5`
        default:
          return `SELECT ${left} FROM ${outer.name} AS a ${where.length % 2 === 0 ? 'UNION' : 'EXCEPT'} SELECT ${right} FROM ${inner.name} AS b ORDER BY 1`
      }
    })
})
