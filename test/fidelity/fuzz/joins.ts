import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions, type Named } from './expressions.ts'

const column = (sql: string, kind: Named['class']): Named => ({ name: sql, class: kind, sql })

/** Three terms joined by names or conditions, with the columns that can be told apart. */
const chains: readonly { readonly sql: string; readonly columns: readonly Named[] }[] = [
  {
    sql: 'items AS a JOIN orders AS b USING (id) LEFT JOIN tags AS c ON c.weight = b.qty',
    columns: [
      column('id', 'integer'),
      column('a.qty', 'integer'),
      column('b.note', 'text'),
      column('c.kind', 'text'),
    ],
  },
  {
    sql: 'items AS a NATURAL LEFT JOIN orders AS b',
    columns: [
      column('qty', 'integer'),
      column('a.name', 'text'),
      column('b.total', 'real'),
      column('a.amount', 'numeric'),
    ],
  },
  {
    sql: 'orders AS b FULL JOIN items AS a USING (qty) LEFT JOIN logs AS c ON c.n = qty',
    columns: [
      column('qty', 'integer'),
      column('a.code', 'text'),
      column('b.note', 'text'),
      column('c.message', 'text'),
    ],
  },
  {
    sql: 'logs AS c, tags AS d LEFT JOIN (orders AS b JOIN items AS a ON a.id = b.item_id) ON b.qty = d.weight',
    columns: [
      column('a.name', 'text'),
      column('b.total', 'real'),
      column('c.n', 'integer'),
      column('d.tag', 'text'),
    ],
  },
  {
    sql: 'items AS a JOIN json_each(a.meta) AS j',
    columns: [
      column('a.id', 'integer'),
      column('j.key', 'text'),
      column('j.type', 'text'),
      column('a.label', 'text'),
    ],
  },
  {
    sql: 'items AS a LEFT JOIN json_tree(a.meta) AS j ON j.atom IS NOT NULL',
    columns: [
      column('a.id', 'integer'),
      column('j.fullkey', 'text'),
      column('j.type', 'text'),
      column('a.active', 'boolean'),
    ],
  },
  {
    sql: 'orders AS a LEFT JOIN (SELECT item_id AS k, count(*) AS n, max(note) AS last FROM orders GROUP BY 1) AS q ON q.k = a.item_id',
    columns: [
      column('a.id', 'integer'),
      column('q.n', 'integer'),
      column('q.last', 'text'),
      column('a.total', 'real'),
    ],
  },
]

/** Chains of joins: as rows, grouped, counted, and as what IN and EXISTS look at. */
export const joins: Arbitrary<string> = fc
  .constantFrom(...chains)
  .chain(({ sql, columns }) => {
    const { any, number, condition } = expressions(columns, 1)
    const key = fc.constantFrom(...columns.map((each) => each.sql))
    return fc.tuple(fc.constant(sql), any, number, condition, key)
  })
  .chain(([sql, item, amount, where, key]) =>
    fc.constantFrom(
      `SELECT ${key}, ${item} FROM ${sql} WHERE ${where}`,
      `SELECT ${key}, count(*), sum(${amount}) FROM ${sql} WHERE ${where} GROUP BY ${key} ORDER BY 1`,
      `SELECT DISTINCT ${amount} FROM ${sql} WHERE ${where} ORDER BY 1`,
      `SELECT count(*), count(DISTINCT ${key}), max(${item}) FROM ${sql} WHERE ${where}`,
      `SELECT x.id FROM items AS x WHERE x.name IN (SELECT ${item} FROM ${sql}) OR EXISTS (SELECT 1 FROM ${sql} WHERE ${where} AND ${key} = x.qty)`,
    ),
  )
