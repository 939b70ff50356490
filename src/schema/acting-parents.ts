import type { ChangeEvent } from '../sql/ddl/trigger-access.ts'
import type { ForeignKey, Table } from './model.ts'
import { obstacleTo } from './postgres-foreign-keys.ts'
import { foreignKeyName } from './postgres-names.ts'
import { isOnPostgres } from './key-actions.ts'
import { foldName, quoteIdentifier as quote, quoteQualified } from './quote.ts'

/** What a trigger waits for: the columns, folded, of an UPDATE OF, else null. */
interface Awaited {
  readonly event: ChangeEvent
  readonly columns: ReadonlySet<string> | null
}

/**
 * The tables whose statements may come to such a change of this one by the actions of foreign keys, folded; not itself.
 * None of them inserts.
 */
export function actingParents(
  table: Table,
  awaited: Awaited,
  tables: readonly Table[],
): ReadonlySet<string> {
  const reached = new Set<string>()
  const seen = new Set<string>()
  const open = causesOf(table, awaited)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { parent, event, columns } = next
    const name = foldName(parent)
    const key = `${name} ${event} ${[...(columns ?? [])].join()}`
    if (seen.has(key)) continue
    seen.add(key)
    reached.add(name)
    const above = tables.find((each) => foldName(each.name) === name)
    if (above !== undefined) open.push(...causesOf(above, { event, columns }))
  }
  reached.delete(foldName(table.name))
  return reached
}

/** The actions of foreign keys come to such a change of the table, its own among them. */
export function isActedOn(table: Table, awaited: Awaited): boolean {
  return causesOf(table, awaited).length > 0
}

/**
 * In plpgsql, for a trigger of the table: its row is set by the action of a foreign key, as the parent that it had is not there.
 * Null where none comes to such a change.
 */
export function setByAction(
  table: Table,
  awaited: Awaited,
  tables: readonly Table[],
  schema: string,
): string | null {
  if (awaited.event !== 'UPDATE') return null
  const conditions = table.foreignKeys.flatMap((key, position) => {
    if (!isActedOn({ ...table, foreignKeys: [key] }, awaited)) return []
    if (obstacleTo(key, table, { tables }) !== null) return []
    const old = key.columns.map((column) => `OLD.${quote(column)}`)
    const found = key.parentColumns.map((column, index) => `${quote(column)} = ${old[index]}`)
    const changes = key.columns.map(
      (column, index) => `${old[index]} IS DISTINCT FROM NEW.${quote(column)}`,
    )
    const parent = quoteQualified(schema, key.parent)
    const parts = [
      `(${changes.join(' OR ')})`,
      ...old.map((value) => `${value} IS NOT NULL`),
      `NOT EXISTS (SELECT 1 FROM ${parent} WHERE ${found.join(' AND ')})`,
      isOnPostgres(table, foreignKeyName(table, position), schema),
    ]
    return `(${parts.join(' AND ')})`
  })
  return conditions.length === 0 ? null : conditions.join(' OR ')
}

interface Cause extends Awaited {
  readonly parent: string
}

/** The changes of parents that a foreign key makes such a change of this table. */
function causesOf({ foreignKeys }: Table, { event, columns }: Awaited): Cause[] {
  return foreignKeys.flatMap((key): Cause[] => {
    const { parent } = key
    const removed: Cause = { parent, event: 'DELETE', columns: null }
    if (event === 'DELETE') return /^CASCADE/i.test(key.onDelete) ? [removed] : []
    if (event === 'INSERT' || !touches(key, columns)) return []
    const changed: Cause = {
      parent,
      event: 'UPDATE',
      columns: new Set(key.parentColumns.map(foldName)),
    }
    return [
      ...(/^SET /i.test(key.onDelete) ? [removed] : []),
      ...(/^(?:CASCADE|SET )/i.test(key.onUpdate) ? [changed] : []),
    ]
  })
}

function touches({ columns: own }: ForeignKey, columns: Awaited['columns']): boolean {
  return columns === null || own.some((column) => columns.has(foldName(column)))
}
