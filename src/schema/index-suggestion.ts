import type { Index, Table } from './model.ts'
import { quoteIdentifier as quote } from './quote.ts'

/**
 * The index that a search by these columns wants, for SQLite: run through Lockstep it is made on both places, in the
 * form that serves the translated statement. None where one that begins with them is there already.
 */
export function indexSuggestion(
  table: Table,
  columns: readonly string[],
): { readonly index: string | null; readonly reason: string } {
  if (columns.length === 0)
    return { index: null, reason: 'no condition compares one of its columns by itself' }
  const known = table.indexes.find((index) => serves(index, columns))
  if (known !== undefined || isKey(table, columns))
    return {
      index: null,
      reason: `${known === undefined ? 'its key' : `the index ${known.name}`} has these columns, and PostgreSQL takes it for slower: ${columns.join(', ')}`,
    }
  const name = quote([table.name, ...columns, 'index'].join('_').toLowerCase())
  return {
    index: `CREATE INDEX ${name} ON ${quote(table.name)} (${columns.map(quote).join(', ')})`,
    reason: `it is searched by ${columns.join(', ')}`,
  }
}

function serves({ parts, where }: Index, columns: readonly string[]): boolean {
  const first = parts.slice(0, columns.length).map(({ column }) => column?.toLowerCase())
  return where === null && columns.every((column) => first.includes(column.toLowerCase()))
}

function isKey({ key }: Table, columns: readonly string[]): boolean {
  const names = key.columns.slice(0, columns.length).map((name) => name.toLowerCase())
  return columns.every((column) => names.includes(column.toLowerCase()))
}
