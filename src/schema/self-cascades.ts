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
  const others = childrenOf(own, tables, cascades).filter((name) => name !== own)
  if (isReached(own, others, tables, cascades)) return null
  return table.foreignKeys
    .filter((key) => foldName(key.parent) === own && cascades(key))
    .map(({ columns, parentColumns }) => ({ columns, parentColumns }))
}

/** Whether keys of any kind lead from the table back to it, so that what its rows do to others comes back. */
export function refersToItself(table: Table, tables: readonly Table[]): boolean {
  const own = foldName(table.name)
  return isReached(own, childrenOf(own, tables, everyKey), tables, everyKey)
}

type IsFollowed = (key: ForeignKey) => boolean

/** From parent to child, along the keys that are followed. */
function isReached(
  goal: string,
  from: readonly string[],
  tables: readonly Table[],
  isFollowed: IsFollowed,
): boolean {
  const reached = new Set<string>()
  const open = [...from]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === goal) return true
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...childrenOf(next, tables, isFollowed))
  }
  return false
}

function childrenOf(parent: string, tables: readonly Table[], isFollowed: IsFollowed): string[] {
  return tables
    .filter(({ foreignKeys }) =>
      foreignKeys.some((key) => foldName(key.parent) === parent && isFollowed(key)),
    )
    .map(({ name }) => foldName(name))
}

function everyKey(): boolean {
  return true
}

function cascades({ onDelete }: ForeignKey): boolean {
  return onDelete.toUpperCase() === 'CASCADE'
}
