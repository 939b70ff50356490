import type { SelfCascade } from '../sql/catalog.ts'
import type { ForeignKey, Table } from './model.ts'
import { foldName } from './quote.ts'

/**
 * The keys by which deleting a row of the table deletes others of the same table; null where it does so by
 * way of other tables too.
 */
export function selfCascadesOf(
  table: Table,
  tables: readonly Table[],
): readonly SelfCascade[] | null {
  const own = foldName(table.name)
  const reached = new Set<string>()
  const open = childrenOf(own, tables).filter((name) => name !== own)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === own) return null
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...childrenOf(next, tables))
  }
  return table.foreignKeys
    .filter((key) => foldName(key.parent) === own && cascades(key))
    .map(({ columns, parentColumns }) => ({ columns, parentColumns }))
}

/** The tables whose rows go with those of this one. */
function childrenOf(parent: string, tables: readonly Table[]): string[] {
  return tables
    .filter(({ foreignKeys }) =>
      foreignKeys.some((key) => foldName(key.parent) === parent && cascades(key)),
    )
    .map(({ name }) => foldName(name))
}

function cascades({ onDelete }: ForeignKey): boolean {
  return onDelete.toUpperCase() === 'CASCADE'
}
