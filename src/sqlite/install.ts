import { LockstepError } from '../core/errors.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { guardTrigger, isGuarded, unguardTrigger } from './app-triggers.ts'
import { captureTriggers, widestKey } from './capture.ts'
import type { Connection } from './connection.ts'
import { controlTables, gate, isInstalled } from './control.ts'
import { recordTables } from './kept-records.ts'
import { schemaVersion } from './versions.ts'

/** The name that both places carry, so that neither is taken for the partner of another one. */
export interface Pair {
  readonly migration: string
  /** The name in the file until now. A server that is met for the first time makes another pair. */
  readonly replaced?: string | undefined
}

export interface Installation extends Pair {
  readonly tables: readonly Table[]
  /** Tables whose rows must be compared again; that stands in the file until `markRepaired`. */
  readonly unrepaired?: readonly Table[]
  /** There are tables now that the last backfill did not know. */
  readonly isLate?: boolean
}

/**
 * Puts the control tables and the triggers into the file, in one transaction. Safe to run again: the
 * control record and the journal stay, the triggers are made anew from the schema as it is now.
 */
export function installSqlite(
  db: Connection,
  { migration, replaced = migration, tables, unrepaired = [], isLate = false }: Installation,
): void {
  const foreignKeys = db.pragma('foreign_keys', { simple: true }) === 1
  db.transaction(() => {
    db.exec(controlTables)
    db.exec(recordTables)
    if (!isInstalled(db)) insertControl(db, migration, foreignKeys)
    const rename = db.prepare('UPDATE _lockstep_control SET migration = ? WHERE migration = ?')
    rename.run(migration, replaced)
    addKeyColumns(db, widestKey(tables))
    dropCapture(db)
    const names = new Set([...unrepairedTables(db), ...unrepaired].map(({ name }) => name))
    db.prepare('DELETE FROM _lockstep_tables').run()
    const insert = db.prepare(
      'INSERT INTO _lockstep_tables (id, name, model, unrepaired) VALUES (?, ?, ?, ?)',
    )
    for (const table of tables) {
      insert.run(BigInt(table.id), table.name, JSON.stringify(table), BigInt(names.has(table.name)))
      for (const statement of captureTriggers(table)) db.exec(statement)
      for (const trigger of table.triggers) guardApplicationTrigger(db, trigger.name, trigger.sql)
    }
    // A table that PostgreSQL does not have yet holds the applier until the next backfill has brought it.
    if (isLate) {
      db.prepare(`UPDATE _lockstep_control SET backfilled = 0 WHERE primary_place = 'sqlite'`).run()
    }
    // In the same transaction, so that no snapshot shows the new tables with the old version.
    rememberSchemaVersion(db)
  }).immediate()
}

const controlNames = [
  'control',
  'journal',
  'tables',
  'schema_log',
  'statements',
  'quarantine',
  'audit',
  'divergences',
  'statement_log',
  'health',
  'standstill',
] as const

/**
 * The names that begin with `_lockstep_` are Lockstep's.
 * @throws LockstepError SCHEMA_UNSUPPORTED where the application has one
 */
export function checkOwnNames(db: Connection): void {
  const own = isInstalled(db) ? controlNames.map((name) => `_lockstep_${name}`) : []
  const found = db
    .prepare(
      String.raw`SELECT type, name FROM sqlite_schema WHERE name LIKE '\_lockstep\_%' ESCAPE '\' AND type IN ('table', 'view')`,
    )
    .all() as { type: string; name: string }[]
  const theirs = found.find(({ name }) => !own.includes(name))
  if (theirs === undefined) return
  throw new LockstepError(
    'SCHEMA_UNSUPPORTED',
    `The ${theirs.type} "${theirs.name}" has a name of Lockstep's own, whose tables begin with "_lockstep_". Rename it first.`,
    { details: { table: theirs.name } },
  )
}

/** Takes everything out again and gives the application's triggers their exact text back. */
export function uninstallSqlite(db: Connection): void {
  db.transaction(() => {
    if (!isInstalled(db)) return
    dropCapture(db)
    for (const trigger of guardedTriggers(db)) restoreTrigger(db, trigger)
    for (const name of controlNames) db.exec(`DROP TABLE IF EXISTS _lockstep_${name}`)
  }).immediate()
}

/** The tables as they were at install, with their numbers and types. */
export function installedTables(db: Connection): Table[] {
  return tablesWhere(db, 'TRUE')
}

/** The tables that an install, perhaps of a process that died, has left to be repaired. */
export function unrepairedTables(db: Connection): Table[] {
  return tablesWhere(db, 'unrepaired = 1')
}

export function markRepaired(db: Connection, table: Table): void {
  db.prepare('UPDATE _lockstep_tables SET unrepaired = 0 WHERE id = ?').run(BigInt(table.id))
}

function tablesWhere(db: Connection, condition: string): Table[] {
  const rows = db
    .prepare(`SELECT model FROM _lockstep_tables WHERE ${condition} ORDER BY id`)
    .pluck()
    .all() as string[]
  return rows.map((model) => JSON.parse(model) as Table)
}

export interface GuardedTrigger {
  readonly name: string
  readonly original: string
  readonly guarded: string
}

/** In the order in which they were made: SQLite runs the newest first, so they must be made anew in it. */
export function guardedTriggers(db: Connection): GuardedTrigger[] {
  if (!isInstalled(db)) return []
  return db
    .prepare(
      `SELECT s.name, s.original, s.guarded FROM _lockstep_statements AS s
         LEFT JOIN sqlite_schema AS m ON m.type = 'trigger' AND m.name = s.name ORDER BY m.rowid`,
    )
    .all() as GuardedTrigger[]
}

export function rememberSchemaVersion(db: Connection): void {
  db.prepare('UPDATE _lockstep_control SET schema_version = ?').run(BigInt(schemaVersion(db)))
}

function insertControl(db: Connection, migration: string, foreignKeys: boolean): void {
  db.prepare(/* sql */ `
    INSERT INTO _lockstep_control
      (id, migration, epoch, primary_place, state, attempt, deadline_ms, gate, batch, applied_seq,
       applied_ticket, applied_at_ms, backfilled, completed, foreign_keys, schema_version)
    VALUES (1, ?, 1, 'sqlite', 'open', '', 0, ?, 0, 0, 0, 0, 0, 0, ?, 0)`).run(
    migration,
    BigInt(gate.capture),
    BigInt(foreignKeys),
  )
}

export function addKeyColumns(db: Connection, width: number): void {
  const columns = db.pragma('table_info(_lockstep_journal)') as { name: string }[]
  for (let index = 0; index < width; index++) {
    if (columns.some((column) => column.name === `k${index}`)) continue
    db.exec(`ALTER TABLE _lockstep_journal ADD COLUMN k${index}`)
  }
}

function dropCapture(db: Connection): void {
  const names = db
    .prepare(
      String.raw`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '\_lockstep\_%' ESCAPE '\'`,
    )
    .pluck()
    .all() as string[]
  for (const name of names) db.exec(`DROP TRIGGER ${quote(name)}`)
}

/** One that the application has dropped or made anew meanwhile is the application's affair. */
export function restoreTrigger(db: Connection, { name, original, guarded }: GuardedTrigger): void {
  const current = triggerText(db, name)
  if (current === undefined || !isGuarded(current)) return
  db.exec(`DROP TRIGGER ${quote(name)}`)
  // SQLite rewrites a trigger's text when a table or a column that it names is renamed.
  db.exec(current === guarded ? original : unguardTrigger(current))
}

function triggerText(db: Connection, name: string): string | undefined {
  return db
    .prepare(`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?`)
    .pluck()
    .get(name) as string | undefined
}

/** A trigger that is guarded already keeps its guard; one that the application made anew gets one. */
export function guardApplicationTrigger(db: Connection, name: string, original: string): void {
  const guarded = guardTrigger(original)
  if (triggerText(db, name) === guarded) return
  db.exec(`DROP TRIGGER IF EXISTS ${quote(name)}`)
  db.exec(guarded)
  db.prepare(
    'INSERT OR REPLACE INTO _lockstep_statements (name, original, guarded) VALUES (?, ?, ?)',
  ).run(name, original, guarded)
}
