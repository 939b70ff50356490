/** The part of an open SQLite connection that reading a schema needs; better-sqlite3 is wrapped in it. */
export interface SchemaReader {
  /** All rows of a query with positional parameters. Integers may come as number or bigint. */
  all(sql: string, ...params: unknown[]): Record<string, unknown>[]
  /** The rows of a query one by one, as memory may not hold them all. Integers come as for `all`. */
  each(sql: string): Iterable<Record<string, unknown>>
}

export function textOf(row: Record<string, unknown>, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new TypeError(`${column} is not text`)
  return value
}

export function textOrNull(row: Record<string, unknown>, column: string): string | null {
  return row[column] === null ? null : textOf(row, column)
}

export function numberOf(row: Record<string, unknown>, column: string): number {
  const value = row[column]
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new TypeError(`${column} is not an integer`)
  }
  return Number(value)
}
