import { foldName, quoteName } from '../quote.ts'
import { checksHold } from './checks.ts'
import type { Plan } from './emitter.ts'
import { changedKeys, changesOf, orderGuard, type Changes } from './key-changes.ts'
import { storedDefault } from './stored-default.ts'
import { isReadByKey } from './read-in-order.ts'
import { tablesNamedIn } from './syntax.ts'
import {
  isRowid,
  keyColumns,
  refuseComputedNull,
  refusePolicies,
  refuseUncounted,
} from './target.ts'
import { collide } from './unique-keys.ts'
import { setsFrom, tailOf, updatePlan, valuesOf, type Updating } from './updating.ts'

/** A row that would collide, be NULL where it must not or fail a CHECK stays as it is. */
export function updateOrIgnore(updating: Updating): Plan {
  const { target, set, emitter } = updating
  const { relation, table, offset } = target
  refuseTables(updating, 'UPDATE OR IGNORE')
  // SQLite has the statements of the triggers ignore conflicts as well: where they meet any, this one fails.
  refusePolicies('UPDATE OR IGNORE', target, emitter)
  refuseUncounted('UPDATE OR IGNORE', !updating.single, target, emitter)
  if (relation.before?.has('UPDATE') === true) {
    const construct = 'UPDATE OR IGNORE that leaves rows alone for which BEFORE triggers have run'
    throw emitter.unsupported(construct, offset, 'Leave out in WHERE what collides')
  }
  refuseComputedNull(target, 'UPDATE OR IGNORE', emitter)
  const changes = changesOf(valuesOf(updating), tailOf(updating), target, emitter)
  const keys = changedKeys(set.assigned, target)
  const may = (alias: string): string[] => {
    const row = changes.row(alias)
    const nulls = set.assigned
      .filter(({ column }) => column.refusesNull && !isRowid(relation, column))
      .map(({ column }) => `${alias}.${quoteName(column.postgresName)} IS NOT NULL`)
    const checks = checksHold(row, target, emitter)
    const free = keys.map((key) => {
      const other = emitter.freshName('other')
      const stored = emitter.source(relation, relation.name, other)
      const collides = collide(key, row, stored, { relation, emitter, offset })
      return `NOT EXISTS (SELECT 1 FROM ${table} AS ${other} WHERE ${collides} AND NOT (${changes.is(alias, stored)}))`
    })
    return [...nulls, ...checks, ...free]
  }
  const alias = emitter.freshName('change')
  const key = isReadByKnownKey(updating) && keys.length === 1 ? keys[0] : undefined
  const conditions = may(alias)
  if (key !== undefined) {
    const earlier = emitter.freshName('earlier')
    const alike = collide(key, changes.row(earlier), changes.row(alias), {
      relation,
      emitter,
      offset,
    })
    const before = [`${changes.key(earlier)} < ${changes.key(alias)}`, alike, ...may(earlier)]
    conditions.push(
      `NOT EXISTS (SELECT 1 FROM ${changes.name} AS ${earlier} WHERE ${before.join(' AND ')})`,
    )
  }
  const plan = applied(
    updating,
    changes,
    alias,
    conditions,
    key === undefined ? 'refused' : 'settled',
  )
  return relation.hasTriggers ? { ...plan, ignoresConflicts: true } : plan
}

/** SQLite changes the rows in the order of a key that PostgreSQL compares alike, so that the first that takes a value is known. */
function isReadByKnownKey({ statement, target: { relation } }: Updating): boolean {
  const { whereClause, limit } = statement
  const nodes = whereClause === undefined ? [] : [whereClause]
  const primary = relation.uniqueKeys.find(({ isPrimary }) => isPrimary)
  const isBinary = primary?.parts.every(({ collation }) => collation === 'BINARY') === true
  const isPlain = keyColumns(relation).every(({ postgresType }) => postgresType !== 'json')
  const reading = { nodes, orderBy: [], within: [], changes: true }
  return isBinary && isPlain && limit === undefined && isReadByKey(reading, relation)
}

/** Rows that collide with a changed one are deleted, and a NULL that is refused becomes the default. */
export function updateOrReplace(updating: Updating): Plan {
  const { target, set, emitter } = updating
  const { relation, table, offset } = target
  refuseTables(updating, 'UPDATE OR REPLACE')
  if (relation.hasTriggers) {
    const construct = 'UPDATE OR REPLACE on a table with triggers'
    throw emitter.unsupported(construct, offset, 'Leave out in WHERE what collides')
  }
  const values = valuesOf(updating)
  for (const { column } of set.assigned) {
    const value = values.get(column.name) ?? ''
    if (!column.refusesNull || column.defaultSql === null) continue
    values.set(column.name, `coalesce(${value}, ${storedDefault(column, emitter, offset)})`)
  }
  const changes = changesOf(values, tailOf(updating), target, emitter)
  const keys = changedKeys(set.assigned, target)
  const alias = emitter.freshName('change')
  if (keys.length === 0) return applied(updating, changes, alias, [])
  refuseReached(updating)
  const [gone, old, by] = [
    emitter.freshName('gone'),
    emitter.freshName('old'),
    emitter.freshName('by'),
  ]
  const stored = emitter.source(relation, relation.name, old)
  const context = { relation, emitter, offset }
  const collides = keys.map((key) => collide(key, changes.row(by), stored, context)).join(' OR ')
  const common = `${changes.common}, ${gone} AS (DELETE FROM ${table} AS ${old} USING ${changes.name} AS ${by} WHERE (${collides}) AND NOT (${changes.is(by, stored)}) RETURNING 1)`
  // The rows are deleted before the first is changed, as that has to count them.
  const deleted = `(SELECT count(*) FROM ${gone}) >= 0`
  return applied(updating, { ...changes, common }, alias, [deleted])
}

/**
 * Rows of other tables go with those that are deleted, when the statement is over: what comes back to the table
 * or is read meanwhile would be another on SQLite.
 */
function refuseReached({ statement, target, emitter }: Updating): void {
  const { reaches, name } = target.relation
  const read = [...tablesNamedIn(statement)]
  const isTable = (each: string): boolean => emitter.catalog.relation(each)?.kind === 'table'
  const isReached = read.some((each) => reaches.has(each) || !isTable(each))
  if (reaches.size === 0 || (!isReached && !reaches.has(foldName(name)))) return
  const construct =
    'UPDATE OR REPLACE that reads tables which refer to this one, or of one that refers to itself'
  throw emitter.unsupported(construct, target.offset, 'DELETE what is in the way first')
}

/** The changes written to the rows that they are for. */
function applied(
  updating: Updating,
  changes: Changes,
  alias: string,
  conditions: readonly string[],
  twice: 'refused' | 'settled' = 'refused',
): Plan {
  const { target, set, single, emitter } = updating
  const keys = single ? [] : changedKeys(set.assigned, target)
  const guards = keys.length === 0 ? [] : [orderGuard(keys, changes, target, emitter, twice)]
  const from = { sql: `${changes.name} AS ${alias}`, sources: [] }
  const all = [changes.is(alias, target.source), ...guards, ...conditions]
  return updatePlan({ ...updating, from }, changes.common, setsFrom(alias, updating), all)
}

function refuseTables({ target, from, emitter }: Updating, construct: string): void {
  if (from === null) return
  throw emitter.unsupported(`${construct} with FROM`, target.offset, 'Choose the rows in WHERE')
}
