import {
  triggerAccess,
  type ChangeEvent,
  type TableChange,
  type TriggerAccess,
} from '../sql/ddl/trigger-access.ts'
import type { Table, Trigger } from './model.ts'
import { foldName } from './quote.ts'

/** Tables that something comes to, directly or by way of triggers and foreign keys, folded. */
interface Reach {
  readonly reads: Set<string>
  readonly writes: Set<string>
}

/**
 * Says of triggers whether a statement that changes several rows may do another thing on PostgreSQL. SQLite
 * does for one row after the other: BEFORE triggers, the change, what foreign keys carry on, AFTER triggers. PostgreSQL does
 * so for BEFORE triggers and changes alone, and then for the rest.
 */
export interface RowByRow {
  /** Of a single row nothing differs. */
  needsOneRow(table: Table, trigger: Trigger): boolean
  /** The tables that it changes, directly or by way of triggers and foreign keys, folded. */
  changedBy(table: Table, trigger: Trigger): ReadonlySet<string>
  /** The events for which the table has BEFORE triggers. */
  eventsBefore(table: Table): ReadonlySet<ChangeEvent>
  /** What its text says that it waits for, reads and changes; null where that cannot be read. */
  accessOf(table: Table, trigger: Trigger): TriggerAccess | null
}

export function createRowByRow(tables: readonly Table[]): RowByRow {
  const known = new Map<Trigger, TriggerAccess | null>()
  const byName = new Map(tables.map((table) => [foldName(table.name), table]))

  function accessOf(table: Table, trigger: Trigger): TriggerAccess | null {
    const found = known.get(trigger)
    if (found !== undefined) return found
    const { key, name } = table
    const rowid = key.kind === 'declared' ? null : { column: key.columns[0] ?? '', hidden: false }
    const made = triggerAccess(trigger.sql, { name, rowid })
    known.set(trigger, made)
    return made
  }

  /** Where a change comes to; `active` triggers are not fired again. */
  function follow(change: TableChange, reach: Reach, seen: Set<string>, active: Trigger): void {
    const { table: name, event, columns, ofItsRow } = change
    if (!ofItsRow) reach.writes.add(name)
    const key = `${name} ${event} ${columns === null ? '*' : [...columns].toSorted().join()}`
    if (seen.has(key)) return
    seen.add(key)
    const table = byName.get(name)
    for (const trigger of table?.triggers ?? []) {
      const access = table === undefined ? null : accessOf(table, trigger)
      if (access === null || trigger === active || !isFired(access, event, columns)) continue
      add(access, reach, seen, active)
    }
    for (const carried of carriedOn(change, tables)) follow(carried, reach, seen, active)
  }

  function add(access: TriggerAccess, reach: Reach, seen: Set<string>, active: Trigger): void {
    for (const name of access.reads) reach.reads.add(name)
    for (const change of access.changes) follow(change, reach, seen, active)
  }

  function reachOf(access: TriggerAccess, active: Trigger): Reach {
    const reach: Reach = { reads: new Set(), writes: new Set() }
    add(access, reach, new Set(), active)
    return reach
  }

  return {
    accessOf,
    changedBy(table, trigger) {
      const access = accessOf(table, trigger)
      return access === null ? new Set() : reachOf(access, trigger).writes
    },
    eventsBefore(table) {
      const accesses = table.triggers.map((trigger) => accessOf(table, trigger))
      return new Set(accesses.flatMap((each) => (each?.time === 'BEFORE' ? [each.event] : [])))
    },
    needsOneRow(table, trigger) {
      const access = accessOf(table, trigger)
      if (access === null) return false
      const own = foldName(table.name)
      const reach = reachOf(access, trigger)
      if (reach.reads.has(own) || reach.writes.has(own)) return true
      const others = table.triggers.flatMap((each) => {
        const other = accessOf(table, each)
        const isApart = other?.event === access.event && other.time !== access.time
        return isApart ? reachOf(other, each) : []
      })
      if (access.time === 'BEFORE') {
        const keys: Reach = { reads: new Set(), writes: new Set() }
        const change = { table: own, event: access.event, columns: null, ofItsRow: true }
        for (const carried of carriedOn(change, tables)) follow(carried, keys, new Set(), trigger)
        others.push(keys)
      }
      return others.some((other) => meets(other, reach) || meets(reach, other))
    },
  }
}

/** A trigger waits for such a change. */
export function isFired(
  access: TriggerAccess,
  event: ChangeEvent,
  columns: ReadonlySet<string> | null,
): boolean {
  if (access.event !== event) return false
  const { columns: wanted } = access
  return wanted === null || columns === null || [...wanted].some((name) => columns.has(name))
}

/** What the actions of foreign keys make of a change. */
export function carriedOn(
  { table, event, columns }: TableChange,
  tables: readonly Table[],
): TableChange[] {
  if (event === 'INSERT') return []
  return tables.flatMap((child) =>
    child.foreignKeys.flatMap((key): TableChange[] => {
      if (foldName(key.parent) !== table) return []
      const isKey =
        columns === null || key.parentColumns.some((column) => columns.has(foldName(column)))
      const action = event === 'DELETE' ? key.onDelete : isKey ? key.onUpdate : ''
      const own = { table: foldName(child.name), ofItsRow: false }
      if (/^CASCADE/i.test(action) && event === 'DELETE')
        return [{ ...own, event: 'DELETE', columns: null }]
      if (!/^(?:CASCADE|SET )/i.test(action)) return []
      return [{ ...own, event: 'UPDATE', columns: new Set(key.columns.map(foldName)) }]
    }),
  )
}

/** One writes what the other reads. */
function meets({ writes }: Reach, { reads }: Reach): boolean {
  return [...writes].some((name) => reads.has(name))
}
