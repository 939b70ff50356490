import type { DdlStatement } from './ddl.ts'
import type { Table } from './model.ts'

/**
 * One change of the schema on both places, as each keeps it in its log. The place that is the primary
 * writes it down in the transaction that changes it; the other one, which may be away or die at that very
 * moment, finds it there and follows.
 */
export interface SchemaStep {
  /** One more than that of the step before. */
  readonly version: number
  /** The application's statements, in order. */
  readonly sqlite: readonly string[]
  readonly postgres: readonly DdlStatement[]
  /** Every mirrored table as it is afterwards. */
  readonly tables: readonly Table[]
  /** The numbers of the tables that are new or not as they were. */
  readonly changed: readonly number[]
  /** The tables that went. */
  readonly dropped: readonly { readonly id: number; readonly name: string }[]
  /** The highest number that a table has ever had: none is given twice. */
  readonly highest: number
}
