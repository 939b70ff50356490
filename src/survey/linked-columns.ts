import { columnPath } from '../schema/overrides.ts'
import type { SourceTable } from '../schema/source.ts'

/**
 * The columns that foreign keys tie together, which need one type: for each of them, by `columnPath`, the paths of all
 * in its group, itself included. A column alone is in none.
 */
export function linkedColumns(
  tables: readonly SourceTable[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>()
  for (const { name, foreignKeys } of tables) {
    for (const { columns, parent, parentColumns } of foreignKeys) {
      for (const [position, column] of columns.entries()) {
        const parentColumn = parentColumns[position]
        if (parentColumn === undefined) continue
        const paths = [columnPath(name, column), columnPath(parent, parentColumn)]
        const merged = new Set(paths.flatMap((path) => [path, ...(groups.get(path) ?? [])]))
        for (const path of merged) groups.set(path, merged)
      }
    }
  }
  return groups
}
