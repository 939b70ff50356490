import type { Connection } from './connection.ts'

/** What one read gave, up to a bound; integers are bigints and reals are numbers. */
export interface CappedAnswer {
  readonly rows: (null | bigint | number | string | Buffer)[][]
  /** As SQLite describes them: a column that is computed has no `column` and no `table`. */
  readonly columns: readonly OriginColumn[]
  /** There was more than the bound allows. */
  readonly isCut: boolean
}

export interface OriginColumn {
  readonly name: string
  readonly column: string | null
  readonly table: string | null
}

export interface ReadCaps {
  readonly maxRows: number
  readonly maxBytes: number
}

export type CappedReader = (sql: string, args: readonly unknown[], caps: ReadCaps) => CappedAnswer

/**
 * The connection stays the caller's, who closes it.
 * @param isGivenUp nobody waits for a read any more: asked between two rows
 */
export function createCappedReader(db: Connection, isGivenUp?: () => boolean): CappedReader

/** What the values of a row take in memory, about, in bytes. */
export function sizeOf(row: readonly unknown[]): number
