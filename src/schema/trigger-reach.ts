import {
  triggerAccess,
  type ChangeEvent,
  type TableChange,
  type TriggerAccess,
} from '../sql/ddl/trigger-access.ts'
import type { Table, Trigger } from './model.ts'
import { foldName } from './quote.ts'

/** Tables that something comes to, directly or by way of triggers and foreign keys, folded. */
export interface Reach {
  readonly reads: Set<string>
  readonly queries: Set<string>
  readonly writes: Set<string>
}

/** Follows triggers and the actions of foreign keys to the tables that they come to. */
export interface TriggerReach {
  /** What its text says that it waits for, reads and changes; null where that cannot be read. */
  accessOf(table: Table, trigger: Trigger): TriggerAccess | null
  /** What a trigger comes to. */
  reachOf(access: TriggerAccess, trigger: Trigger): Reach
  /** What the actions of foreign keys come to when a row changes; `active` is not fired again. */
  actionsOf(table: Table, event: ChangeEvent, active: Trigger): Reach
  /** Of these what AFTER triggers alone come to. */
  triggersOfActionsOf(table: Table, event: ChangeEvent): Reach
}

export function createTriggerReach(tables: readonly Table[]): TriggerReach {
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
    for (const name of access.queries) reach.queries.add(name)
    for (const change of access.changes) follow(change, reach, seen, active)
  }

  /** Where AFTER triggers of what foreign keys carry on come to. */
  function followActions(change: TableChange, reach: Reach, seen: Set<string>): void {
    for (const carried of carriedOn(change, tables)) {
      const table = byName.get(carried.table)
      const key = `${carried.table} ${carried.event}`
      if (table === undefined || seen.has(key)) continue
      seen.add(key)
      for (const trigger of table.triggers) {
        const access = accessOf(table, trigger)
        if (access?.time === 'AFTER' && isFired(access, carried.event, carried.columns))
          add(access, reach, new Set(), trigger)
      }
      followActions(carried, reach, seen)
    }
  }

  function reachOf(access: TriggerAccess, active: Trigger): Reach {
    const reach: Reach = emptyReach()
    add(access, reach, new Set(), active)
    return reach
  }

  return {
    accessOf,
    reachOf,
    actionsOf(table, event, active) {
      const reach = emptyReach()
      for (const carried of carriedOn(anyChange(table, event), tables))
        follow(carried, reach, new Set(), active)
      return reach
    },
    triggersOfActionsOf(table, event) {
      const reach = emptyReach()
      followActions(anyChange(table, event), reach, new Set())
      return reach
    },
  }
}

/** A change of a row, whatever of it. */
export function anyChange({ name }: Table, event: ChangeEvent): TableChange {
  return { table: foldName(name), event, columns: null, ofItsRow: true }
}

function emptyReach(): Reach {
  return { reads: new Set(), queries: new Set(), writes: new Set() }
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

/** And what they make of those changes in turn. */
export function carriedOnByAll(change: TableChange, tables: readonly Table[]): TableChange[] {
  const seen = new Map<string, TableChange>()
  const open = carriedOn(change, tables)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const key = [next.table, next.event, ...(next.columns ?? [])].join(' ')
    if (seen.has(key)) continue
    seen.set(key, next)
    open.push(...carriedOn(next, tables))
  }
  return [...seen.values()]
}
