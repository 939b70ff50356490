import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { guardTrigger } from './app-triggers.ts'
import { captureTriggerNames, captureTriggers, widestKey } from './capture.ts'
import type { Connection } from './connection.ts'
import { controlTables, gate, isInstalled } from './control.ts'

export interface Installation {
  readonly migration: string
  readonly tables: readonly Table[]
}

/**
 * Puts the control tables and the triggers into the file, in one transaction. Safe to run again: the
 * control record and the journal stay, the triggers are made anew from the schema as it is now.
 */
export function installSqlite(db: Connection, { migration, tables }: Installation): void {
  const foreignKeys = db.pragma('foreign_keys', { simple: true }) === 1
  db.transaction(() => {
    db.exec(controlTables)
    if (!isInstalled(db)) insertControl(db, migration, foreignKeys)
    addKeyColumns(db, widestKey(tables))
    dropCapture(db)
    db.prepare('DELETE FROM _lockstep_tables').run()
    const insert = db.prepare('INSERT INTO _lockstep_tables (id, name, model) VALUES (?, ?, ?)')
    for (const table of tables) {
      insert.run(BigInt(table.id), table.name, JSON.stringify(table))
      for (const statement of captureTriggers(table)) db.exec(statement)
      for (const trigger of table.triggers) guardApplicationTrigger(db, trigger.name, trigger.sql)
    }
    // In the same transaction, so that no snapshot shows the new tables with the old version.
    rememberSchemaVersion(db)
  }).immediate()
}

/** Takes everything out again and gives the application's triggers their exact text back. */
export function uninstallSqlite(db: Connection): void {
  db.transaction(() => {
    if (!isInstalled(db)) return
    dropCapture(db)
    for (const { original, name } of guardedTriggers(db)) {
      db.exec(`DROP TRIGGER IF EXISTS ${quote(name)}`)
      db.exec(original)
    }
    for (const name of ['control', 'journal', 'tables', 'statements', 'quarantine', 'audit']) {
      db.exec(`DROP TABLE IF EXISTS _lockstep_${name}`)
    }
  }).immediate()
}

/** The tables whose capture is not whole: a table that is dropped takes its triggers with it. */
export function tablesWithoutCapture(db: Connection, tables: readonly Table[]): Table[] {
  const names = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck()
  const present = new Set(names.all() as string[])
  return tables.filter(
    (table) =>
      captureTriggerNames(table).filter((name) => present.has(name)).length <
      captureTriggers(table).length,
  )
}

/** The tables as they were at install, with their numbers and types. */
export function installedTables(db: Connection): Table[] {
  const rows = db.prepare('SELECT model FROM _lockstep_tables ORDER BY id').all() as {
    model: string
  }[]
  return rows.map((row) => JSON.parse(row.model) as Table)
}

export interface GuardedTrigger {
  readonly name: string
  readonly original: string
  readonly guarded: string
}

export function guardedTriggers(db: Connection): GuardedTrigger[] {
  if (!isInstalled(db)) return []
  return db
    .prepare('SELECT name, original, guarded FROM _lockstep_statements')
    .all() as GuardedTrigger[]
}

/** Raised by every change of the schema, by whoever: https://www.sqlite.org/pragma.html#pragma_schema_version */
export function schemaVersion(db: Connection): number {
  return db.pragma('schema_version', { simple: true }) as number
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

function addKeyColumns(db: Connection, width: number): void {
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

/** A trigger that is guarded already keeps its guard; one that the application made anew gets one. */
function guardApplicationTrigger(db: Connection, name: string, original: string): void {
  const current = db
    .prepare(`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?`)
    .pluck()
    .get(name)
  const guarded = guardTrigger(original)
  if (current === guarded) return
  db.exec(`DROP TRIGGER IF EXISTS ${quote(name)}`)
  db.exec(guarded)
  db.prepare(
    'INSERT OR REPLACE INTO _lockstep_statements (name, original, guarded) VALUES (?, ?, ?)',
  ).run(name, original, guarded)
}
