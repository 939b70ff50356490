import type { Table, Trigger } from './model.ts'
import { foldName } from './quote.ts'
import type { RowByRow } from './row-by-row.ts'
import { acts } from './postgres-foreign-keys.ts'

/** In the body of a trigger. */
const policy = /\b(?:OR\s+(?:ROLLBACK|ABORT|REPLACE|FAIL|IGNORE)|REPLACE\s+INTO|ON\s+CONFLICT)\b/i

/**
 * Says of a table whether a change of it may fire a trigger that has a conflict clause of its own, directly or by way of
 * other triggers and of foreign keys: SQLite puts the policy of the statement in its place. What cannot be read may fire any.
 */
export function createFiresPolicy(
  tables: readonly Table[],
  { accessOf }: Pick<RowByRow, 'accessOf'>,
): (table: Table) => boolean {
  const byName = new Map(tables.map((table) => [foldName(table.name), table]))
  if (!tables.some(({ triggers }) => triggers.some(hasPolicy))) return () => false
  const writtenBy = (table: Table, trigger: Trigger): readonly (Table | undefined)[] =>
    accessOf(table, trigger)?.changes.map((change) => byName.get(change.table)) ?? [undefined]
  const next = (table: Table): (Table | undefined)[] => [
    ...table.triggers.flatMap((trigger) => writtenBy(table, trigger)),
    ...tables.filter(({ foreignKeys }) =>
      foreignKeys.some((key) => foldName(key.parent) === foldName(table.name) && acts(key)),
    ),
  ]
  return (table) => {
    if (table.triggers.length === 0) return false
    const seen = new Set<Table>()
    const open: (Table | undefined)[] = [table]
    while (open.length > 0) {
      const one = open.pop()
      if (one === undefined || one.triggers.some(hasPolicy)) return true
      if (seen.has(one)) continue
      seen.add(one)
      open.push(...next(one))
    }
    return false
  }
}

function hasPolicy({ sql }: Trigger): boolean {
  return policy.test(sql)
}
