import { isDeepStrictEqual } from 'node:util'
import { info, warning } from './findings.ts'
import type { Table } from './model.ts'
import { createIndexes } from './postgres-indexes.ts'
import { addForeignKeys } from './postgres-foreign-keys.ts'
import type { PostgresTable } from './postgres-model.ts'
import { foreignKeyName, indexName } from './postgres-names.ts'
import { addPrimaryKey, createTable } from './postgres-tables.ts'
import { createTriggers } from './postgres-triggers.ts'
import { quoteIdentifier as quote, quoteQualified } from './quote.ts'
import { syncColumns } from './sync-columns.ts'
import { SyncPlan, type SyncSettings } from './sync-plan.ts'
import { postgresTriggerNames } from './trigger-names.ts'

export interface TableToSync {
  readonly table: Table
  readonly tables: readonly Table[]
  /** As it was installed; undefined where it is new. */
  readonly before: Table | undefined
  /** Both as PostgreSQL's catalogs have them; undefined where PostgreSQL has no such table. */
  readonly wanted: PostgresTable
  readonly actual: PostgresTable | undefined
}

/** What brings a table of PostgreSQL to the model, and what stands in the way. */
export function syncTable(given: TableToSync, settings: SyncSettings): SyncPlan {
  const { table, wanted, actual, before } = given
  const plan = new SyncPlan(table, settings)
  if (actual === undefined) {
    makeTable(plan, given)
    return plan
  }
  const key = dropOtherKey(plan, wanted.primaryKey, actual.primaryKey)
  const lostIndexes = syncColumns(plan, wanted, actual, before)
  // Until the backfill is over it makes the rest, in an order of its own.
  if (settings.extent !== 'whole') return plan
  syncPrimaryKey(plan, wanted.primaryKey, key)
  syncIndexes(plan, wanted, actual, lostIndexes)
  syncForeignKeys(plan, given.tables, wanted, actual)
  syncTriggers(plan, given.tables, wanted, actual)
  return plan
}

function makeTable(plan: SyncPlan, { table, tables }: TableToSync): void {
  const { schema, extent } = plan.settings
  if (!plan.isCopy) {
    plan.refuse(
      null,
      `PostgreSQL, the primary, has no such table. Drop it from SQLite, or roll back`,
    )
    return
  }
  const { statements, findings } = plan
  const add = (made: ReturnType<typeof createTable>): void => {
    statements.push(...made.statements)
    findings.push(...made.findings)
  }
  add(createTable(table, schema))
  if (extent !== 'whole') {
    const message = 'its rows, keys and indexes come with `lockstep backfill` (db.backfill())'
    findings.push(info('BACKFILL_NEEDED', { table: table.name }, message))
    return
  }
  add(addPrimaryKey(table, schema))
  add(createIndexes(table, schema))
  add(createTriggers(table, tables, schema))
  plan.ships = true
}

type PrimaryKey = PostgresTable['primaryKey']

/**
 * Before the columns, which are NOT NULL for as long as it stands.
 * @param wanted null where the backfill makes it
 * @returns the one that is there now
 */
function dropOtherKey(plan: SyncPlan, wanted: PrimaryKey, found: PrimaryKey): PrimaryKey {
  if (wanted === null || found === null) return found
  if (isDeepStrictEqual(wanted.columns, found.columns)) return found
  plan.run(found.name, `${plan.alterTable} DROP CONSTRAINT ${quote(found.name)}`)
  return null
}

function syncPrimaryKey(plan: SyncPlan, wanted: PrimaryKey, found: PrimaryKey): void {
  if (wanted === null || isDeepStrictEqual(wanted, found)) return
  const { table, settings } = plan
  if (found === null) {
    plan.statements.push(...addPrimaryKey(table, settings.schema).statements)
    return
  }
  if (!found.valid)
    plan.run(found.name, `REINDEX INDEX ${quoteQualified(settings.schema, found.name)}`)
  if (found.name === wanted.name) return
  const rename = `RENAME CONSTRAINT ${quote(found.name)} TO ${quote(wanted.name)}`
  plan.run(wanted.name, `${plan.alterTable} ${rename}`)
}

function syncIndexes(
  plan: SyncPlan,
  wanted: PostgresTable,
  actual: PostgresTable,
  lostIndexes: boolean,
): void {
  const { table, settings } = plan
  const there = new Map(actual.indexes.map((index) => [index.name, index]))
  const right = new Set<string>()
  for (const index of wanted.indexes) {
    const found = there.get(index.name)
    const name = quoteQualified(settings.schema, index.name)
    if (isDeepStrictEqual(found, index)) right.add(index.name)
    else if (isDeepStrictEqual({ ...found, valid: true }, index)) {
      plan.run(index.name, `REINDEX INDEX ${name}`)
      right.add(index.name)
    } else if (found !== undefined) plan.run(index.name, `DROP INDEX IF EXISTS ${name}`)
  }
  const made = createIndexes(table, settings.schema).statements
  for (const statement of made) {
    const index = table.indexes.find(({ name }) => name === statement.object)
    const isRight = index !== undefined && right.has(indexName(table, index))
    const isWanted = wanted.indexes.some(
      ({ name }) => index !== undefined && name === indexName(table, index),
    )
    if (!isWanted || (isRight && !lostIndexes)) continue
    const sql = isRight ? statement.sql.replace(' INDEX ', ' INDEX IF NOT EXISTS ') : statement.sql
    plan.statements.push({ ...statement, sql })
  }
  const known = new Set(wanted.indexes.map(({ name }) => name))
  for (const { name, unique } of actual.indexes)
    if (unique && !known.has(name)) plan.findings.push(stranger(table, `unique index ${name}`))
  for (const name of actual.checks) plan.findings.push(stranger(table, `constraint ${name}`))
}

function stranger({ name }: Table, what: string): ReturnType<typeof warning> {
  const message = `${what} is PostgreSQL's own: a row that SQLite has and it refuses goes to quarantine`
  return warning('POSTGRES_CONSTRAINT', { table: name }, message)
}

/** While PostgreSQL is the secondary it has none of SQLite's, so that a batch may come in any order. */
function syncForeignKeys(
  plan: SyncPlan,
  tables: readonly Table[],
  wanted: PostgresTable,
  actual: PostgresTable,
): void {
  const { table, settings } = plan
  const own = new Set(table.foreignKeys.map((_, position) => foreignKeyName(table, position)))
  const right = new Set<string>()
  for (const found of actual.foreignKeys) {
    const key = wanted.foreignKeys.find(({ name }) => name === found.name)
    if (isDeepStrictEqual(key, found)) right.add(found.name)
    else if (own.has(found.name))
      plan.run(found.name, `${plan.alterTable} DROP CONSTRAINT ${quote(found.name)}`)
    else plan.findings.push(stranger(table, `foreign key ${found.name}`))
  }
  const missing = wanted.foreignKeys.filter(({ name }) => !right.has(name))
  for (const statement of addForeignKeys(table, { tables }, settings.schema).statements) {
    if (!missing.some(({ name }) => name === statement.object)) continue
    plan.statements.push(statement)
    plan.run(statement.object, `${plan.alterTable} VALIDATE CONSTRAINT ${quote(statement.object)}`)
  }
}

/** A trigger that an operator has written for one of SQLite's stays as it is. */
function syncTriggers(
  plan: SyncPlan,
  tables: readonly Table[],
  wanted: PostgresTable,
  actual: PostgresTable,
): void {
  const { table, settings } = plan
  const there = new Map(actual.triggers.map((trigger) => [trigger.name, trigger]))
  const names = postgresTriggerNames(table, tables)
  const stale = table.triggers.filter(({ name }) => {
    const theirs = names.get(name) ?? name
    const found = there.get(theirs) ?? there.get(name)
    const trigger = wanted.triggers.find((each) => each.name === theirs)
    if (trigger === undefined) return false
    return found === undefined || (found.carried && !isDeepStrictEqual(found, trigger))
  })
  plan.statements.push(...createTriggers(table, tables, settings.schema, stale).statements)
}
