import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Named } from './expressions.ts'
import { fuzzTables, type FuzzTable } from './tables.ts'

/** Tables under aliases, so that the same one can come twice. */
export interface From {
  readonly sql: string
  readonly columns: readonly Named[]
}

export const tables: Arbitrary<FuzzTable> = fc.constantFrom(...fuzzTables)

export const columnsOf = ({ columns }: FuzzTable, alias: string): Named[] =>
  columns.map((column) => ({ ...column, sql: `${alias}.${column.name}` }))

export const optional = (arbitrary: Arbitrary<string>): Arbitrary<string> =>
  fc.option(arbitrary, { nil: '' })
