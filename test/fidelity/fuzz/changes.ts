import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expressions } from './expressions.ts'
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
    ]
  if (name === 'tags')
    return [
      ...nothing,
      ' ON CONFLICT (tag, kind) DO UPDATE SET weight = coalesce(weight, 0) + excluded.weight',
    ]
  return nothing
}

const updates: Arbitrary<Generated> = tables.chain((table) => {
  const { any, number, text, condition } = expressions(columnsOf(table), 2)
  const valueFor = (column: FuzzColumn): Arbitrary<string> => {
    if (column.class === 'text' || column.class === 'time') return text
    return column.class === 'integer' || column.class === 'real' ? number : any
  }
  return fc.constantFrom(...table.columns).chain((column) =>
    fc
      .tuple(
        valueFor(column),
        fc.option(condition, { nil: '1' }),
        fc.constantFrom('', ' RETURNING *'),
      )
      .map(([value, where, tail]) => ({
        sql: `UPDATE ${table.name} SET ${column.name} = ${value} WHERE ${where}${tail}`,
        args: [],
      })),
  )
})

const deletes: Arbitrary<Generated> = tables.chain((table) =>
  fc
    .tuple(expressions(columnsOf(table), 2).condition, fc.constantFrom('', ' RETURNING *'))
    .map(([where, tail]) => ({ sql: `DELETE FROM ${table.name} WHERE ${where}${tail}`, args: [] })),
)

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
)
