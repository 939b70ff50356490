import type { UpdateStmt } from 'sqlite3-parser'
import { quoteName } from '../quote.ts'
import type { Assignments } from './assignments.ts'
import { checkedAfter } from './checks.ts'
import type { Emitter, EmittedFrom, Plan } from './emitter.ts'
import { returningOf } from './returning.ts'
import type { Scope } from './scope.ts'
import { isRowid, type Target } from './target.ts'

/** An UPDATE whose names are known. */
export interface Updating {
  readonly statement: UpdateStmt
  readonly target: Target
  readonly set: Assignments
  readonly from: EmittedFrom | null
  /** The condition, or null. */
  readonly where: string | null
  /** `WITH ... ` or nothing. */
  readonly common: string
  readonly outer: Scope | null
  readonly single: boolean
  readonly emitter: Emitter
}

/** The values by column, each as it is stored; a rowid is only looked at, as a row before it may fail first. */
export function valuesOf({ set }: Updating): Map<string, string> {
  return new Map(set.assigned.map(({ column, seen }) => [column.name, seen]))
}

/** What stands behind SET where the values have been worked out before. */
export function setsFrom(alias: string, { set, target }: Updating): string {
  const sets = set.assigned.map(({ column }) => {
    const name = quoteName(column.postgresName)
    const value = `${alias}.${name}`
    return `${name} = ${isRowid(target.relation, column) ? `sqlite.rowid(${value})` : value}`
  })
  return sets.join(', ')
}

/** Where the rows come from that are changed. */
export function tailOf({ target, from, where }: Updating): string {
  const more = from === null ? '' : `, ${from.sql}`
  const filter = where === null ? '' : ` WHERE ${where}`
  return ` FROM ${target.sql}${more}${filter}`
}

/**
 * @param more common tables of the translation's own.
 * @param conditions all of which must hold.
 */
export function updatePlan(
  { statement, target, set, from, common, outer, emitter }: Updating,
  more: string,
  sets: string,
  conditions: readonly string[],
): Plan {
  const checked = checkedAfter(set.assigned, target, emitter)
  const returning = returningOf(statement.returning, target, outer, emitter, checked)
  const withs =
    more === '' ? common : common === '' ? `WITH ${more} ` : `${common.trimEnd()}, ${more} `
  const source = from === null ? '' : ` FROM ${from.sql}`
  const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const sql = `${withs}UPDATE ${target.sql} SET ${sets}${source}${filter}${returning.sql}`
  const { columns, hiddenColumns } = returning
  return {
    kind: 'update',
    steps: [{ sql, role: 'result' }],
    columns,
    hiddenColumns,
    order: 'none',
  }
}
