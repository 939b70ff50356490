import { randomUUID } from 'node:crypto'
import { LockstepError } from '../core/errors.ts'
import { installCompat } from '../compat/install.ts'
import type { Reach } from '../core/pause-points.ts'
import { checkReachable, type PostgresServer } from '../postgres/connection.ts'
import { findControl, type Queryer } from '../postgres/control.ts'
import {
  disableApplicationTriggers,
  installCapture,
  installPostgres,
  presentTables,
} from '../postgres/install.ts'
import { keepKeysAhead } from '../postgres/automatic-keys.ts'
import { inTransaction } from '../postgres/transaction.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import { decideGenerated } from '../schema/generated.ts'
import { mapSchema } from '../schema/map.ts'
import { numberTables, type MappedTable } from '../schema/mapped.ts'
import type { Finding, Table } from '../schema/model.ts'
import { columnPath, type TypeOverrides } from '../schema/overrides.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { assertCarriable } from '../schema/postgres-names.ts'
import { triggerFindings } from '../schema/plan-findings.ts'
import { carryViews } from '../schema/postgres-views.ts'
import { readSchema } from '../schema/read.ts'
import type { SchemaReader } from '../schema/reader.ts'
import type { SourceSchema } from '../schema/source.ts'
import { checkSound, type Connection, type SqliteFile } from '../sqlite/connection.ts'
import { captureTriggerNames, captureTriggers } from '../sqlite/capture.ts'
import { controlReader, isInstalled, type ControlRow } from '../sqlite/control.ts'
import type { PlaceName } from '../place/place.ts'
import {
  checkOwnNames,
  guardedTriggers,
  installedTables,
  installSqlite,
  type Pair,
  unrepairedTables,
} from '../sqlite/install.ts'
import { applicationViews } from '../sqlite/views.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import { checkServer } from './check-server.ts'
import { checkUpgrades } from './check-upgrades.ts'
import { checkCopy, pairMismatch } from './pair.ts'

export interface InstallContext {
  readonly file: SqliteFile
  readonly writer: SqliteWriter
  readonly server: PostgresServer
  readonly columns: TypeOverrides
  readonly reach: Reach
}

/** What else is to be done in an install's transaction on PostgreSQL, before its tables get their capture. */
export interface InstallBesides {
  /** Tables whose rows must be compared again. */
  readonly unrepaired: ReadonlySet<string>
  alter(client: Queryer, tables: readonly Table[]): Promise<void>
}

export interface Installed {
  readonly tables: readonly Table[]
  readonly findings: readonly Finding[]
  /** Tables whose structure is not the one of an earlier install: their rows must be compared again. */
  readonly unrepaired: readonly Table[]
}

/**
 * Puts control tables and capture triggers on both places. SQLite comes first, as it names the pair; and
 * before anything is changed PostgreSQL must answer and belong to no other pair. Safe to run again: new
 * tables are added, capture is made anew from the schema as it is.
 * A file that was put back from a backup is taken for right from here on.
 * @throws LockstepError POSTGRES_UNREACHABLE, GATE_REFUSED, PAIR_MISMATCH, SQLITE_CORRUPT, SCHEMA_UNSUPPORTED, CONFIG_INVALID
 */
export async function install(
  context: InstallContext,
  besides?: InstallBesides,
): Promise<Installed> {
  const { file, writer, server, reach } = context
  await checkReachable(server)
  refuseCompleted(writer.db)
  const pair = await checkPair(context)
  const rewound = await isRewound(context)
  checkSound(file.reader)
  checkOwnNames(file.reader)
  const before = isInstalled(writer.db) ? installedTables(writer.db) : []
  const known = new Map(before.map((table) => [table.name, table]))
  // A table that was made anew lost its triggers: what was written to it since is in no journal.
  const uncaptured = new Set(
    before.filter((table) => !isCaptured(file.reader, table)).map(({ name }) => name),
  )
  const { tables, findings } = readMapped(context, before)
  checkUpgrades(findings, before)
  for (const table of tables) assertCarriable(table)
  await checkServer(server, tables)
  const changed = tables.filter((table) => {
    const old = known.get(table.name)
    if (old === undefined) return false
    if (rewound || uncaptured.has(table.name)) return true
    if (besides?.unrepaired.has(table.name) === true) return true
    return fingerprint({ tables: [old] }) !== fingerprint({ tables: [table] })
  })
  const isLate = before.length > 0 && tables.some(({ name }) => !known.has(name))
  await writer.write(() =>
    installSqlite(writer.db, { ...pair, tables, unrepaired: changed, isLate }),
  )
  await reach('install:sqlite-done')
  await inTransaction(server, async (client) => {
    const { primary, migration } = controlReader(writer.db)()
    await installPostgres(client, migration, tables)
    await installCompat(client)
    if (rewound) await client.query('UPDATE lockstep.control SET applied_seq = 0')
    await besides?.alter(client, tables)
    const present = await presentTables(client, server.schema)
    const there = tables.filter((table) => present.has(table.name) && known.has(table.name))
    for (const table of there) await installCapture(client, server.schema, table)
    await keepKeysAhead(client, server.schema, there)
    if (primary === 'sqlite') await disableApplicationTriggers(client, server.schema, there)
  })
  await reach('install:postgres-done')
  return { tables, findings, unrepaired: unrepairedTables(writer.db) }
}

function refuseCompleted(db: Connection): void {
  if (!isInstalled(db) || !controlReader(db)().completed) return
  throw new LockstepError(
    'GATE_REFUSED',
    'The migration is complete: PostgreSQL goes on alone, and nothing is captured any more. To begin another one, run ' +
      '`lockstep uninstall` (db.uninstall()) first',
  )
}

/**
 * What becomes of the schema as it is today. @param before the tables of an earlier install: their numbers, and the
 * types that their columns have been given, stay
 */
export function readMapped(
  { file: { reader: db }, server, columns }: Pick<InstallContext, 'file' | 'server' | 'columns'>,
  before: readonly Table[],
): Pick<Installed, 'tables' | 'findings'> {
  const source = readApplicationSchema(db)
  const mapped = mapSchema(schemaReader(db), source, {
    overrides: { ...keptTypes(before, source.tables), ...columns },
  })
  const tables = numbered(mapped.tables, before)
  const indexes = tables.flatMap((table) => createIndexes(table, server.schema).findings)
  const triggers = tables.flatMap((table) => triggerFindings(table, tables, server.schema))
  const views = carryViews(applicationViews(db), tables, server.schema)
  return {
    tables,
    findings: [...source.findings, ...mapped.findings, ...indexes, ...triggers, ...views.findings],
  }
}

/** With the numbers of an earlier install, and what it decided of generated columns. */
export function numbered(mapped: readonly MappedTable[], before: readonly Table[]): Table[] {
  const numbers = new Map(before.map((table) => [table.name, table.id]))
  const known = new Map(before.map(({ name, columns }) => [name, columns]))
  return numberTables(mapped, numbers).tables.map((table) => {
    const kept = known.get(table.name)?.map((column) => [column.name, column] as const)
    return decideGenerated(table, new Map(kept))
  })
}

/**
 * Compares the schema with the one of the last install, whatever raised SQLite's schema version.
 * @throws LockstepError SCHEMA_DRIFT
 */
export function checkDrift(db: Connection, installed: readonly Table[]): void {
  const now = readApplicationSchema(db)
  if (fingerprint({ tables: installed }) === fingerprint(now)) return checkTriggers(db, installed)
  const before = new Map(installed.map((table) => [table.name, fingerprint({ tables: [table] })]))
  const after = new Map(now.tables.map((table) => [table.name, fingerprint({ tables: [table] })]))
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  )
  throw drift(names, controlReader(db)())
}

/** A trigger that the application made since has no guard and would run again on the applier's writes. */
function checkTriggers(db: Connection, installed: readonly Table[]): void {
  const missing = installed.filter((table) => !isCaptured(db, table))
  const guarded = new Set(guardedTriggers(db).map((trigger) => trigger.guarded))
  const unguarded = readSchema(schemaReader(db)).tables.filter((table) =>
    table.triggers.some(({ sql }) => !guarded.has(sql)),
  )
  const names = [...missing, ...unguarded].map(({ name }) => name)
  if (names.length > 0) throw drift(names, controlReader(db)())
}

/** Whether all of a table's triggers are there. */
export function isCaptured(db: Connection, table: Table): boolean {
  const trigger = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = ?`)
  return captureTriggerNames(table)
    .slice(0, captureTriggers(table).length)
    .every((name) => trigger.get(name) !== undefined)
}

function drift(tables: readonly string[], { primary }: Pick<ControlRow, 'primary'>): LockstepError {
  return new LockstepError(
    'SCHEMA_DRIFT',
    `The SQLite schema has changed: ${tables.join(', ')}. ${waysBack[primary]}`,
    { details: { tables } },
  )
}

/** What is right on the primary cannot be told of a secondary that somebody has changed behind its back. */
const waysBack: Readonly<Record<PlaceName, string>> = {
  sqlite:
    'Writes go on and are journaled where the triggers still stand. `lockstep schema sync` shows what PostgreSQL needs, and ' +
    'with --apply it gets it; then run `lockstep backfill` for a new table (db.syncSchema({ apply: true }), db.backfill())',
  postgres:
    'PostgreSQL is the primary: writes go on there and are journaled. Undo the change in the SQLite file, or add a new ' +
    'column on PostgreSQL as well, then run `lockstep install` and `lockstep verify` (db.install(), db.verify())',
}

export function schemaReader(db: Connection): SchemaReader {
  return {
    all: (sql, ...params) => db.prepare(sql).all(...params) as Record<string, unknown>[],
    each: (sql) => db.prepare(sql).iterate() as Iterable<Record<string, unknown>>,
  }
}

/** The schema as the application wrote it: its triggers without Lockstep's guard. */
export function readApplicationSchema(db: Connection): SourceSchema {
  const originals = new Map(guardedTriggers(db).map(({ guarded, original }) => [guarded, original]))
  const source = readSchema(schemaReader(db))
  return {
    ...source,
    tables: source.tables.map((table) => ({
      ...table,
      triggers: table.triggers
        .filter(({ name }) => !name.startsWith('_lockstep_'))
        .map((trigger) => ({ ...trigger, sql: originals.get(trigger.sql) ?? trigger.sql })),
    })),
  }
}

export function readApplicationTables(db: Connection): readonly Table[] {
  return numberTables(mapSchema(schemaReader(db), readApplicationSchema(db)).tables).tables
}

/** A column keeps the type that PostgreSQL has given it, whatever the data says today; one that is gone has none. */
export function keptTypes(tables: readonly Table[], now: SourceSchema['tables']): TypeOverrides {
  const there = new Set(
    now.flatMap((table) => table.columns.map(({ name }) => columnPath(table.name, name))),
  )
  return Object.fromEntries(
    tables.flatMap((table) =>
      table.columns
        .map(({ name, postgresType }) => [columnPath(table.name, name), postgresType] as const)
        .filter(([path]) => there.has(path)),
    ),
  )
}

async function checkPair({ writer, server }: InstallContext): Promise<Pair> {
  const ours = isInstalled(writer.db) ? controlReader(writer.db)() : undefined
  const theirs = await findControl(server.control)
  if (theirs !== undefined && theirs.migration !== ours?.migration) throw pairMismatch()
  if (ours !== undefined) checkCopy(ours, theirs, writer.db)
  const replaced = ours?.migration
  return { migration: theirs?.migration ?? randomUUID(), replaced }
}

/** The file lost journal entries that PostgreSQL has applied: every row must be compared again. */
async function isRewound({ writer, server }: InstallContext): Promise<boolean> {
  const theirs = await findControl(server.control)
  if (theirs === undefined || theirs.appliedSeq === 0n || !isInstalled(writer.db)) return false
  const newest = writer.db.prepare('SELECT max(seq) FROM _lockstep_journal').pluck().safeIntegers()
  return theirs.appliedSeq > ((newest.get() as bigint | null) ?? 0n)
}
