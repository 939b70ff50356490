import { quoteName, quoteText } from '../quote.ts'

export interface ListedColumn {
  readonly name: string
  readonly type: 'integer' | 'text'
}

export type ListedValue = string | number | null

/** `VALUES ...` of rows that are known when a statement is translated; a query without a row where there are none. */
export function listedRows(
  columns: readonly ListedColumn[],
  rows: readonly (readonly ListedValue[])[],
): string {
  const textOf = (row: readonly ListedValue[]): string =>
    columns.map(({ type }, index) => valueText(type, row[index] ?? null)).join(', ')
  if (rows.length === 0) return `SELECT ${textOf([])} WHERE FALSE`
  return `VALUES ${rows.map((row) => `(${textOf(row)})`).join(', ')}`
}

/** `("cid", "name")`, which goes behind the alias. */
export function listedNames(columns: readonly ListedColumn[]): string {
  return `(${columns.map(({ name }) => quoteName(name)).join(', ')})`
}

function valueText(type: ListedColumn['type'], value: ListedValue): string {
  const cast = type === 'integer' ? 'bigint' : 'text'
  if (value === null) return `NULL::${cast}`
  return `${typeof value === 'number' ? String(value) : quoteText(value)}::${cast}`
}
