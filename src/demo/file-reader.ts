import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { FileShapes } from './file-shapes.ts'
import { keyCondition } from './file-tables.ts'
import type { Random } from './random.ts'
import type { Read, Reader } from './work.ts'

const pageSize = 20

/** Rows by key, pages in the order of the key, parents joined. Columns are named: `*` would show a rowid. */
export function createFileReader(shapes: readonly FileShapes[], random: Random): Reader {
  const readable = shapes.filter(({ table }) => table.columns.length > 0)
  return {
    next: () => {
      if (readable.length === 0) return null
      const chosen = random.pick(readable)
      const { keys, hasLargeRows } = chosen
      if (keys.length === 0) return hasLargeRows ? null : page(chosen)
      if (!hasLargeRows && random.chance(0.2)) return page(chosen)
      if (random.chance(0.2)) return withParent(chosen, random) ?? byKey(chosen, random)
      return byKey(chosen, random)
    },
  }
}

function columnsOf({ table }: FileShapes, alias = ''): string {
  return table.columns.map(({ name }) => `${alias}${quote(name)}`).join(', ')
}

function byKey(shapes: FileShapes, random: Random): Read {
  const { table, keys } = shapes
  return {
    name: `${table.name} by key`,
    sql: `SELECT ${columnsOf(shapes)} FROM ${quote(table.name)} WHERE ${keyCondition(table)}`,
    params: [...random.pick(keys)],
  }
}

function page(shapes: FileShapes): Read {
  const { table } = shapes
  const order = table.key.map((name) => quote(name)).join(', ')
  return {
    name: `a page of ${table.name}`,
    sql: `SELECT ${columnsOf(shapes)} FROM ${quote(table.name)} ORDER BY ${order} LIMIT ${pageSize}`,
    params: [],
  }
}

function withParent(shapes: FileShapes, random: Random): Read | null {
  const { table, keys } = shapes
  const parent = table.parents.find(
    ({ parentColumns, columns }) => parentColumns.length === columns.length,
  )
  if (parent === undefined) return null
  const on = parent.columns
    .map((name, at) => `p.${quote(parent.parentColumns[at] ?? name)} = t.${quote(name)}`)
    .join(' AND ')
  const where = table.key.map((name) => `t.${quote(name)} = ?`).join(' AND ')
  return {
    name: `${table.name} with ${parent.table}`,
    sql:
      `SELECT ${columnsOf(shapes, 't.')} FROM ${quote(table.name)} AS t` +
      ` JOIN ${quote(parent.table)} AS p ON ${on} WHERE ${where}`,
    params: [...random.pick(keys)],
  }
}
