import type { Column, Finding, Table } from './model.ts'

/** A column as SQLite declares it, before a PostgreSQL type is chosen. */
export type SourceColumn = Omit<Column, 'postgresType' | 'computed'>

/** A table as SQLite declares it, before it has a number in the journal. */
export interface SourceTable extends Omit<Table, 'id' | 'columns'> {
  readonly columns: readonly SourceColumn[]
}

/** The mirrored part of a live SQLite schema, and what of the rest an operator should know. */
export interface SourceSchema {
  readonly tables: readonly SourceTable[]
  readonly findings: readonly Finding[]
}
