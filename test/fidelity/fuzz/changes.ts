import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions, type Expressions } from './expressions.ts'
import { fuzzTables, type FuzzColumn, type FuzzTable } from './tables.ts'

/** A statement with the values that are bound to its `?`. */
export interface Generated {
  readonly sql: string
  readonly args: readonly unknown[]
}

const tables = fc.constantFrom(...fuzzTables)

/** A value that SQLite would keep in the column as its own class. */
function literal(column: FuzzColumn): Arbitrary<unknown> {
  switch (column.class) {
    case 'integer':
      return fc.constantFrom<unknown>(1n, 0n, 5n, -7n, 20n, null, 2)
    case 'boolean':
      return fc.constantFrom<unknown>(1n, 0n)
    case 'real':
    case 'numeric':
      return fc.constantFrom<unknown>(1.5, 0, -2.5, 10n, null)
    case 'blob':
      return fc.constantFrom<unknown>(Buffer.from('00ff', 'hex'), Buffer.alloc(0), null)
    case 'time':
      return fc.constantFrom<unknown>('2024-03-10 08:00:00', null)
    case 'json':
      return fc.constantFrom<unknown>('{"a":7}', null)
    default:
      return fc.constantFrom<unknown>('apple', 'new', 'Red', 'size', '', '10', 5n)
  }
}

const columnsOf = (table: FuzzTable): Parameters<typeof expressions>[0] =>
  table.columns.map((column) => ({ ...column, sql: column.name }))

const inserts: Arbitrary<Generated> = tables.chain((table) =>
  fc.subarray([...table.columns], { minLength: 1 }).chain((columns) => {
    const row = fc.tuple(...columns.map(literal))
    const conflict = fc.constantFrom(...conflictsOf(table))
    const form = fc.constantFrom('INSERT', 'INSERT OR IGNORE', 'INSERT OR REPLACE', 'REPLACE')
    const returning = fc.constantFrom('', ` RETURNING *`)
    return fc
      .tuple(form, fc.array(row, { minLength: 1, maxLength: 2 }), conflict, returning)
      .map(([verb, rows, upsert, tail]) => {
        const places = `(${columns.map(() => '?').join(', ')})`
        const names = columns.map(({ name }) => name).join(', ')
        const clause = verb === 'INSERT' ? upsert : ''
        const sql = `${verb} INTO ${table.name} (${names}) VALUES ${rows.map(() => places).join(', ')}${clause}${tail}`
        return { sql, args: rows.flat() }
      })
  }),
)

function conflictsOf({ name }: FuzzTable): readonly string[] {
  const nothing = ['', ' ON CONFLICT DO NOTHING']
  if (name === 'items')
    return [
      ...nothing,
      ' ON CONFLICT (name) DO UPDATE SET qty = qty + 1',
      ' ON CONFLICT (id) DO UPDATE SET label = excluded.label',
      ' ON CONFLICT (name) DO UPDATE SET qty = excluded.qty, label = label || excluded.name WHERE qty < 10',
      ' ON CONFLICT (id) DO NOTHING',
      ' ON CONFLICT (id) DO NOTHING ON CONFLICT (name) DO UPDATE SET price = 1.5',
    ]
  if (name === 'tags')
    return [
      ...nothing,
      ' ON CONFLICT (tag, kind) DO UPDATE SET weight = coalesce(weight, 0) + excluded.weight',
      ' ON CONFLICT (kind, tag) DO UPDATE SET weight = 7 WHERE excluded.weight IS NOT NULL',
    ]
  return nothing
}

/** Mostly what the column holds; anything else it may have to refuse. */
function valueFor(column: FuzzColumn, all: Expressions): Arbitrary<string> {
  return fc.oneof(
    { weight: 19, arbitrary: ownClass(column, all) },
    { weight: 1, arbitrary: all.any },
  )
}

function ownClass(
  { class: kind, name }: FuzzColumn,
  { integer, number, text, json, condition }: Expressions,
): Arbitrary<string> {
  switch (kind) {
    case 'text':
    case 'time':
      return text
    case 'json':
      return json
    case 'integer':
      return integer
    case 'boolean':
      return condition.map((each) => `(${each}) IS TRUE`)
    case 'blob':
      return fc.oneof(
        fc.constantFrom("x'00FF'", "x''", 'NULL', name),
        text.map((each) => `CAST(${each} AS BLOB)`),
      )
    default:
      return number
  }
}

const updates: Arbitrary<Generated> = tables.chain((table) => {
  const all = expressions(columnsOf(table), 2)
  const sets = fc
    .subarray([...table.columns], { minLength: 1, maxLength: 2 })
    .chain((columns) =>
      fc.tuple(
        ...columns.map((column) =>
          valueFor(column, all).map((value) => `${column.name} = ${value}`),
        ),
      ),
    )
  return fc
    .tuple(
      sets,
      fc.option(all.condition, { nil: '1' }),
      fc.constantFrom('', ' RETURNING *', ` RETURNING ${table.columns[0]?.name}, 1 + 1 AS two`),
      fc.oneof(
        { weight: 9, arbitrary: fc.constant('UPDATE') },
        { weight: 1, arbitrary: fc.constantFrom('UPDATE OR IGNORE', 'UPDATE OR REPLACE') },
      ),
    )
    .map(([set, where, tail, verb]) => ({
      sql: `${verb} ${table.name} SET ${set.join(', ')} WHERE ${where}${tail}`,
      args: [],
    }))
})

const {
  text: joinedText,
  number: joinedNumber,
  condition: joinedCondition,
} = expressions(
  [
    { name: 'id', class: 'integer', sql: 'orders.id' },
    { name: 'note', class: 'text', sql: 'orders.note' },
    { name: 'total', class: 'real', sql: 'orders.total' },
    { name: 'name', class: 'text', sql: 'i.name' },
    { name: 'qty', class: 'integer', sql: 'i.qty' },
    { name: 'price', class: 'real', sql: 'i.price' },
  ],
  1,
)

/** UPDATE ... FROM where each row meets one other at most, and values out of subqueries. */
const joinedUpdates: Arbitrary<Generated> = fc
  .tuple(
    joinedText,
    joinedNumber,
    joinedCondition,
    fc.constantFrom('', ' RETURNING id, note, total'),
  )
  .chain(([note, total, where, tail]) =>
    fc.constantFrom(
      `UPDATE orders SET note = ${note}, total = ${total} FROM items AS i WHERE i.id = orders.item_id AND ${where}${tail}`,
      `UPDATE orders SET total = (SELECT ${total} FROM items AS i WHERE i.id = orders.item_id)${tail}`,
      `UPDATE orders SET (note, total) = (SELECT ${note}, ${total} FROM items AS i WHERE i.id = orders.item_id) WHERE item_id IS NOT NULL${tail}`,
      `UPDATE orders SET qty = qty + 1 WHERE item_id IN (SELECT i.id FROM items AS i WHERE ${where})${tail}`,
      `UPDATE orders SET note = 'x' WHERE EXISTS (SELECT 1 FROM items AS i WHERE i.id = item_id AND ${where})${tail}`,
      `DELETE FROM orders WHERE item_id IN (SELECT i.id FROM items AS i WHERE ${where})${tail}`,
    ),
  )
  .map((sql) => ({ sql, args: [] }))

/** Rows out of a query, in an order that is known. */
const copies: Arbitrary<Generated> = tables.chain((source) => {
  const { integer, text, number, condition } = expressions(columnsOf(source), 1)
  const key = source.columns.map(({ name }) => name).join(', ')
  return fc
    .tuple(
      integer,
      text,
      number,
      condition,
      fc.constantFrom('INSERT', 'INSERT OR IGNORE', 'REPLACE'),
    )
    .chain(([n, label, total, where, verb]) =>
      fc.constantFrom(
        `${verb} INTO logs (level, message, n) SELECT ${label}, 'copy', ${n} FROM ${source.name} WHERE ${where} ORDER BY ${key}`,
        `${verb} INTO orders (note, qty, total) SELECT ${label}, ${n}, ${total} FROM ${source.name} WHERE ${where} ORDER BY ${key} RETURNING *`,
        `${verb} INTO items (name, qty) SELECT ${label}, ${n} FROM ${source.name} WHERE ${where} ORDER BY ${key}`,
        `${verb} INTO tags (tag, kind, weight) SELECT ${label}, 'copy', ${n} FROM ${source.name} WHERE ${where} ORDER BY ${key} LIMIT 3`,
      ),
    )
    .map((sql) => ({ sql, args: [] }))
})

const deletes: Arbitrary<Generated> = tables.chain((table) => {
  const key = table.columns.map(({ name }) => name).join(', ')
  return fc
    .tuple(
      expressions(columnsOf(table), 2).condition,
      fc.constantFrom('', ' RETURNING *'),
      fc.constantFrom('', '', '', ` ORDER BY ${key} LIMIT 2`, ` ORDER BY ${key} LIMIT 1 OFFSET 1`),
    )
    .map(([where, tail, bound]) => ({
      sql: `DELETE FROM ${table.name} WHERE ${where}${tail}${bound}`,
      args: [],
    }))
})

/** Queries with a parameter where a column is compared: each class of value against each class of column. */
export const parameterised: Arbitrary<Generated> = tables.chain((table) =>
  fc
    .tuple(
      fc.constantFrom(...table.columns),
      fc.constantFrom('=', '<', '>=', '<>', 'IS', 'IN', 'LIKE'),
      fc.constantFrom<unknown>(
        5n,
        5,
        2.5,
        '5',
        'apple',
        'Red',
        null,
        '10',
        Buffer.from('61', 'hex'),
        0n,
        -1,
      ),
    )
    .map(([column, op, value]) => ({
      sql: `SELECT * FROM ${table.name} WHERE ${column.name} ${op === 'IN' ? 'IN (?)' : `${op} ?`}`,
      args: [value],
    })),
)

export const changes: Arbitrary<Generated> = fc.oneof(
  { weight: 4, arbitrary: inserts },
  { weight: 3, arbitrary: updates },
  { weight: 2, arbitrary: deletes },
  { weight: 1, arbitrary: joinedUpdates },
  { weight: 1, arbitrary: copies },
)
