import type { Finding, Schema, Table } from './model.ts'
import type { TableProfile } from './profile.ts'

export type MappedTable = Omit<Table, 'id'>

export interface MappedSchema {
  readonly tables: readonly MappedTable[]
  /** What the data says; in the order of `tables` and of their columns. */
  readonly profiles: readonly TableProfile[]
  readonly findings: readonly Finding[]
}

/** Gives tables their numbers: the known ones keep theirs for good, new ones go on after the highest. */
export function numberTables(
  tables: readonly MappedTable[],
  known: ReadonlyMap<string, number> = new Map(),
): Schema {
  let last = Math.max(0, ...known.values())
  return {
    tables: tables.map((table) => {
      const id = known.get(table.name) ?? (last += 1)
      return { ...table, id }
    }),
  }
}
