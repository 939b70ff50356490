import type { Table } from '../schema/model.ts'
import { foldName, quoteIdentifier as quote } from '../schema/quote.ts'
import type { SchemaStep } from '../schema/step.ts'
import { captureTriggerNames, captureTriggers, widestKey } from './capture.ts'
import type { Connection } from './connection.ts'
import { gate } from './control.ts'
import { keptStatement } from './kept-statement.ts'
import {
  addKeyColumns,
  guardApplicationTrigger,
  guardedTriggers,
  rememberSchemaVersion,
  restoreTrigger,
} from './install.ts'

/** How many steps each place keeps: the last one tells what the other has to do, the rest is a record. */
const keptSteps = 100

/**
 * Runs one statement of the application that changes the schema, in the caller's transaction. SQLite
 * refuses to alter a table that a trigger speaks of, so Lockstep's own leave first and the application's
 * get their own text back; `followSchema` puts both in place again before anyone else can write.
 * @param names the tables that the statement is about
 */
export function runSchemaStatement(
  db: Connection,
  sql: string,
  tables: readonly Table[],
  names: readonly string[],
): void {
  const folded = new Set(names.map(foldName))
  if (folded.size > 0 && /^\s*alter\b/i.test(sql)) {
    for (const trigger of guardedTriggers(db)) restoreTrigger(db, trigger)
    for (const table of tables) if (folded.has(foldName(table.name))) dropCapture(db, table)
  }
  db.exec(sql)
}

/** Makes capture, guards and the stored model what the schema is now; in the transaction that changed it. */
export function followSchema(db: Connection, step: Omit<SchemaStep, 'version' | 'postgres'>): void {
  const { tables, changed, dropped } = step
  addKeyColumns(db, widestKey(tables))
  for (const { id, name } of dropped) {
    db.prepare('DELETE FROM _lockstep_tables WHERE id = ?').run(BigInt(id))
    db.prepare('DELETE FROM _lockstep_quarantine WHERE tbl = ?').run(name)
    // The newest entry must stay where it is, so that numbers never start again.
    db.prepare('UPDATE _lockstep_journal SET tbl = 0 WHERE tbl = ?').run(BigInt(id))
  }
  const numbers = new Set(changed)
  const store = db.prepare(
    `INSERT INTO _lockstep_tables (id, name, model, unrepaired) VALUES (?, ?, ?, 0)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, model = excluded.model`,
  )
  for (const table of tables) {
    if (!numbers.has(table.id)) continue
    store.run(BigInt(table.id), table.name, JSON.stringify(table))
    dropCapture(db, table)
    for (const statement of captureTriggers(table)) db.exec(statement)
  }
  db.exec(
    `DELETE FROM _lockstep_statements WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'trigger')`,
  )
  for (const { triggers } of tables)
    for (const { name, sql } of triggers) guardApplicationTrigger(db, name, sql)
  rememberSchemaVersion(db)
}

/** Journals every row of a table, as a change of the schema has changed what PostgreSQL must have of it. */
export function journalAll(db: Connection, table: Table): void {
  const columns = table.key.columns.map((_, index) => `k${index}`).join(', ')
  const keys = table.key.columns.map(quote).join(', ')
  db.exec(
    `INSERT INTO _lockstep_journal (tbl, ${columns}) SELECT ${table.id}, ${keys} FROM ${quote(table.name)}`,
  )
}

/**
 * Runs `work` as the applier does, in one transaction: SQLite is the secondary, whose fence would refuse
 * what a dropped table takes with it, and whose primary has decided about foreign keys.
 */
export function asSecondary(db: Connection, work: () => void): void {
  const before = db.pragma('foreign_keys', { simple: true }) as number
  db.pragma('foreign_keys = OFF')
  try {
    db.transaction(() => {
      const { held } = db.prepare('SELECT gate AS held FROM _lockstep_control').get() as {
        held: number
      }
      setGate(db, gate.applying)
      work()
      setGate(db, held)
    }).immediate()
  } finally {
    db.pragma(`foreign_keys = ${before}`)
  }
}

export function setGate(db: Connection, value: number): void {
  db.prepare('UPDATE _lockstep_control SET gate = ?').run(BigInt(value))
}

export function writeStep(db: Connection, step: SchemaStep): void {
  db.prepare('INSERT INTO _lockstep_schema_log (version, highest, step) VALUES (?, ?, ?)').run(
    BigInt(step.version),
    BigInt(step.highest),
    JSON.stringify(step),
  )
  db.prepare('DELETE FROM _lockstep_schema_log WHERE version <= ?').run(
    BigInt(step.version - keptSteps),
  )
  // A batch that was read before must not arrive after: its position is over.
  db.exec('UPDATE _lockstep_control SET batch = batch + 1')
}

/** The version of the last step that this place has taken, 0 before the first; and the highest number. */
export function stepVersion(db: Connection): { version: number; highest: number } {
  const row = keptStatement(
    db,
    'SELECT max(version) AS version, max(highest) AS highest FROM _lockstep_schema_log',
  ).get() as { version: number | null; highest: number | null }
  return { version: row.version ?? 0, highest: row.highest ?? 0 }
}

/** The steps behind a version, in order. */
export function stepsAfter(db: Connection, version: number): SchemaStep[] {
  const rows = db
    .prepare('SELECT step FROM _lockstep_schema_log WHERE version > ? ORDER BY version')
    .pluck()
    .all(BigInt(version)) as string[]
  return rows.map((step) => JSON.parse(step) as SchemaStep)
}

function dropCapture(db: Connection, table: Pick<Table, 'id'>): void {
  for (const name of captureTriggerNames(table)) db.exec(`DROP TRIGGER IF EXISTS ${quote(name)}`)
}
