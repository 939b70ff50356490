import type { ChangeEvent, TriggerAccess } from '../sql/ddl/trigger-access.ts'
import { mayActFirst } from './key-actions.ts'
import type { Table, Trigger } from './model.ts'
import { foldName } from './quote.ts'
import { anyChange, createTriggerReach, isFired, type Reach } from './trigger-reach.ts'

/**
 * Says of triggers whether a statement that changes several rows may do another thing on PostgreSQL. SQLite
 * does for one row after the other: BEFORE triggers, the change, what foreign keys carry on, AFTER triggers. PostgreSQL does
 * so for BEFORE triggers and changes alone, and then for the rest.
 */
export interface RowByRow {
  /** Of a single row nothing differs. */
  needsOneRow(table: Table, trigger: Trigger): boolean
  /**
   * Whether the actions of foreign keys have to be over before the table's AFTER triggers of an event run: one of these and one
   * that an action fires write the same or read what the other writes, and SQLite runs the latter first. `never` where they
   * cannot be.
   */
  actionsFirst(table: Table, event: ChangeEvent): 'indifferent' | 'always' | 'never'
  /** It is one of those for which they have to be. */
  isBehindActions(table: Table, trigger: Trigger): boolean
  /** It sees what is set in these columns of a row that is deleted then; folded. */
  seesSet(table: Table, trigger: Trigger, columns: ReadonlySet<string>): boolean
  /** The tables that it changes, directly or by way of triggers and foreign keys, folded. */
  changedBy(table: Table, trigger: Trigger): ReadonlySet<string>
  /** The events for which the table has BEFORE triggers. */
  eventsBefore(table: Table): ReadonlySet<ChangeEvent>
  /** What its text says that it waits for, reads and changes; null where that cannot be read. */
  accessOf(table: Table, trigger: Trigger): TriggerAccess | null
}

export function createRowByRow(tables: readonly Table[]): RowByRow {
  const triggers = createTriggerReach(tables)

  function isBehindActions(table: Table, trigger: Trigger): boolean {
    const access = triggers.accessOf(table, trigger)
    if (access?.time !== 'AFTER') return false
    const before = triggers.triggersOfActionsOf(table, access.event)
    const { queries, writes } = triggers.reachOf(access, trigger)
    const isMet = (name: string): boolean => before.writes.has(name)
    return [...queries, ...writes].some(isMet) || meets({ writes }, before)
  }

  return {
    accessOf: (table, trigger) => triggers.accessOf(table, trigger),
    isBehindActions,
    actionsFirst(table, event) {
      const own = table.triggers.filter(
        (each) => triggers.accessOf(table, each)?.event === event && isBehindActions(table, each),
      )
      if (own.length === 0) return 'indifferent'
      const written = new Set(own.flatMap((each) => [...this.changedBy(table, each)]))
      return mayActFirst(anyChange(table, event), tables, written) ? 'always' : 'never'
    },
    seesSet(table, trigger, columns) {
      const access = triggers.accessOf(table, trigger)
      if (access === null) return true
      // What it changes of the row itself goes with it.
      if (isFired(access, 'UPDATE', columns)) return !access.changes.every((each) => each.ofItsRow)
      return access.event === 'DELETE' && namesOf(trigger.sql).some((name) => columns.has(name))
    },
    changedBy(table, trigger) {
      const access = triggers.accessOf(table, trigger)
      return access === null ? new Set() : triggers.reachOf(access, trigger).writes
    },
    eventsBefore(table) {
      const accesses = table.triggers.map((trigger) => triggers.accessOf(table, trigger))
      return new Set(accesses.flatMap((each) => (each?.time === 'BEFORE' ? [each.event] : [])))
    },
    needsOneRow(table, trigger) {
      const access = triggers.accessOf(table, trigger)
      if (access === null) return false
      const own = foldName(table.name)
      const reach = triggers.reachOf(access, trigger)
      if (reach.reads.has(own) || reach.writes.has(own)) return true
      const others = table.triggers.flatMap((each) => {
        const other = triggers.accessOf(table, each)
        const isApart = other?.event === access.event && other.time !== access.time
        return isApart ? triggers.reachOf(other, each) : []
      })
      if (access.time === 'BEFORE') others.push(triggers.actionsOf(table, access.event, trigger))
      return others.some((other) => meets(other, reach) || meets(reach, other))
    },
  }
}

/** All that may be the name of a column, folded. */
function namesOf(sql: string): string[] {
  return (sql.match(/[^\s"'`[\](),.;=<>|+*/-]+/g) ?? []).map(foldName)
}

/** One writes what the other reads. */
function meets({ writes }: Pick<Reach, 'writes'>, { reads }: Pick<Reach, 'reads'>): boolean {
  return [...writes].some((name) => reads.has(name))
}
