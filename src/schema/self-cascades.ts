import type { TableChange } from '../sql/ddl/trigger-access.ts'
import type { SelfCascade } from '../sql/catalog.ts'
import type { ForeignKey, Table } from './model.ts'
import { foldName } from './quote.ts'
import { carriedOnByAll } from './trigger-reach.ts'

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
  if (reachable(others, tables, cascades).has(own)) return null
  return table.foreignKeys
    .filter((key) => foldName(key.parent) === own && cascades(key))
    .map(({ columns, parentColumns }) => ({ columns, parentColumns }))
}

/** The keys by which deleting a row of the table sets a column of others of the same table. */
export function selfSetsOf({ name, foreignKeys }: Table): ForeignKey[] {
  return foreignKeys.filter(
    ({ parent, onDelete }) => foldName(parent) === foldName(name) && /^SET /i.test(onDelete),
  )
}

/** SQLite looks at RESTRICT between the rows of a statement, PostgreSQL when all of them are gone. */
export function selfRestricts({ name, foreignKeys }: Table): boolean {
  return foreignKeys.some(
    (key) => foldName(key.parent) === foldName(name) && isRestrict(key.onDelete),
  )
}

/**
 * The columns of the table whose change goes on to other rows of it by ON UPDATE, also by way of other tables, or is forbidden
 * by them; folded.
 */
export function followedColumnsOf(table: Table, tables: readonly Table[]): ReadonlySet<string> {
  const own = foldName(table.name)
  const comesBack = (child: string): boolean =>
    child === own || reachable(childrenOf(child, tables, follows), tables, follows).has(own)
  const keys = tables
    .filter(({ name }) => comesBack(foldName(name)))
    .flatMap((child) => {
      const forbidden = foldName(child.name) === own ? isRestrict : (): boolean => false
      return child.foreignKeys.filter((key) => follows(key) || forbidden(key.onUpdate))
    })
    .filter((key) => foldName(key.parent) === own)
  return new Set(keys.flatMap(({ parentColumns }) => parentColumns.map(foldName)))
}

/** The tables to which keys of any kind lead from a row of this one, so that what happens to it may come there. */
export function reachedFrom(table: Table, tables: readonly Table[]): ReadonlySet<string> {
  return reachable(childrenOf(foldName(table.name), tables, everyKey), tables, everyKey)
}

/**
 * Whether rows that refer to a row of the table forbid that it goes (NO ACTION), and none of the table's own go with it, or
 * change but by a key to itself: PostgreSQL looks at the end of the statement whether such a row is there again, and a
 * statement is all that has to be over.
 */
export function isHeld(table: Table, tables: readonly Table[]): boolean {
  const own = foldName(table.name)
  const sets = new Set(selfSetsOf(table).map(({ columns }) => columns.map(foldName).join()))
  const goes: TableChange = { table: own, event: 'DELETE', columns: null, ofItsRow: true }
  return (
    childrenOf(own, tables, forbids).length > 0 &&
    carriedOnByAll(goes, tables).every(
      ({ table: changed, columns }) => changed !== own || sets.has([...(columns ?? [])].join()),
    )
  )
}

type IsFollowed = (key: ForeignKey) => boolean

/** From parent to child, along the keys that are followed. */
function reachable(
  from: readonly string[],
  tables: readonly Table[],
  isFollowed: IsFollowed,
): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...from]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...childrenOf(next, tables, isFollowed))
  }
  return reached
}

function childrenOf(parent: string, tables: readonly Table[], isFollowed: IsFollowed): string[] {
  return tables
    .filter(({ foreignKeys }) =>
      foreignKeys.some((key) => foldName(key.parent) === parent && isFollowed(key)),
    )
    .map(({ name }) => foldName(name))
}

function isRestrict(action: string): boolean {
  return action.toUpperCase() === 'RESTRICT'
}

function everyKey(): boolean {
  return true
}

function forbids({ onDelete }: ForeignKey): boolean {
  return onDelete.toUpperCase() === 'NO ACTION'
}

function cascades({ onDelete }: ForeignKey): boolean {
  return onDelete.toUpperCase() === 'CASCADE'
}

function follows({ onUpdate }: ForeignKey): boolean {
  return /^(?:CASCADE|SET )/i.test(onUpdate)
}
