import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import type { Reach } from '../core/pause-points.ts'
import { checkReachable, type PostgresServer } from '../postgres/connection.ts'
import { findControl } from '../postgres/control.ts'
import {
  disableApplicationTriggers,
  installCapture,
  installPostgres,
  presentTables,
  uninstallPostgres,
} from '../postgres/install.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import { mapSchema } from '../schema/map.ts'
import { numberTables } from '../schema/mapped.ts'
import type { Finding, Table } from '../schema/model.ts'
import type { TypeOverrides } from '../schema/overrides.ts'
import { readSchema } from '../schema/read.ts'
import type { SchemaReader } from '../schema/reader.ts'
import type { SourceSchema } from '../schema/source.ts'
import { checkSound, type Connection, type SqliteFile } from '../sqlite/connection.ts'
import { controlReader, isInstalled } from '../sqlite/control.ts'
import {
  guardedTriggers,
  installedTables,
  installSqlite,
  tablesWithoutCapture,
  uninstallSqlite,
} from '../sqlite/install.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

export interface InstallContext {
  readonly file: SqliteFile
  readonly writer: SqliteWriter
  readonly server: PostgresServer
  readonly columns: TypeOverrides
  readonly reach: Reach
}

export interface Installed {
  readonly tables: readonly Table[]
  readonly findings: readonly Finding[]
  /** Tables with another structure than at the last install, or that were written without capture. */
  readonly changed: readonly Table[]
}

/**
 * Puts control tables and capture triggers on both places. SQLite comes first, as it names the pair; and
 * before anything is changed PostgreSQL must answer and belong to no other pair. Safe to run again: new
 * tables are added, capture is made anew from the schema as it is.
 * @throws LockstepError POSTGRES_UNREACHABLE, PAIR_MISMATCH, SQLITE_CORRUPT, SCHEMA_UNSUPPORTED
 */
export async function install(context: InstallContext): Promise<Installed> {
  const { file, writer, server, reach } = context
  await checkReachable(server)
  const migration = await checkPair(context)
  checkSound(file.reader)
  const before = isInstalled(writer.db) ? installedTables(writer.db) : []
  const known = new Map(before.map((table) => [table.name, table]))
  const uncaptured = new Set(tablesWithoutCapture(file.reader, before).map(({ name }) => name))
  const source = readApplicationSchema(file.reader)
  const mapped = mapSchema(schemaReader(file.reader), source, {
    overrides: { ...keptTypes(before), ...context.columns },
  })
  const numbers = new Map(before.map((table) => [table.name, table.id]))
  const { tables } = numberTables(mapped.tables, numbers)
  await writer.write(() => installSqlite(writer.db, { migration, tables }))
  await reach('install:sqlite-done')
  await onOneClient(server, async (client) => {
    await installPostgres(client, migration, tables)
    const present = await presentTables(client, server.schema)
    const there = tables.filter((table) => present.has(table.name) && known.has(table.name))
    for (const table of there) await installCapture(client, server.schema, table)
    const { primary } = controlReader(writer.db)()
    if (primary === 'sqlite') await disableApplicationTriggers(client, server.schema, there)
  })
  await reach('install:postgres-done')
  const changed = tables.filter((table) => {
    const old = known.get(table.name)
    if (old === undefined) return false
    const rebuilt = fingerprint({ tables: [old] }) !== fingerprint({ tables: [table] })
    return rebuilt || uncaptured.has(table.name)
  })
  return { tables, findings: [...source.findings, ...mapped.findings], changed }
}

/** Takes Lockstep out of both places. The rows stay where they are. */
export async function uninstall({ file, writer, server }: InstallContext): Promise<void> {
  await checkReachable(server)
  const tables = isInstalled(writer.db)
    ? installedTables(writer.db)
    : readApplicationTables(file.reader)
  await onOneClient(server, (client) => uninstallPostgres(client, server.schema, tables))
  await writer.write(() => uninstallSqlite(writer.db))
}

/**
 * Compares the schema with the one of the last install, whatever raised SQLite's schema version.
 * @throws LockstepError SCHEMA_DRIFT
 */
export function checkDrift(db: Connection, installed: readonly Table[]): void {
  const now = readApplicationSchema(db)
  if (fingerprint({ tables: installed }) === fingerprint(now))
    return checkTriggers(db, installed, now)
  const before = new Map(installed.map((table) => [table.name, fingerprint({ tables: [table] })]))
  const after = new Map(now.tables.map((table) => [table.name, fingerprint({ tables: [table] })]))
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  )
  throw drift(names)
}

/** A trigger that the application made since has no guard and would run again on the applier's writes. */
function checkTriggers(db: Connection, installed: readonly Table[], now: SourceSchema): void {
  const missing = tablesWithoutCapture(db, installed)
  const guarded = new Set(guardedTriggers(db).map(({ name }) => name))
  const unguarded = now.tables.filter((table) =>
    table.triggers.some(({ name }) => !guarded.has(name)),
  )
  const names = [...missing, ...unguarded].map(({ name }) => name)
  if (names.length > 0) throw drift(names)
}

function drift(tables: readonly string[]): LockstepError {
  return new LockstepError(
    'SCHEMA_DRIFT',
    `The SQLite schema has changed: ${tables.join(', ')}. Writes go on and are journaled where the triggers still stand. ` +
      'Make the same change on PostgreSQL, then run `lockstep install` and `lockstep backfill` (db.install(), db.applySchema(), db.backfill())',
    { details: { tables } },
  )
}

export function schemaReader(db: Connection): SchemaReader {
  return { all: (sql, ...params) => db.prepare(sql).all(...params) as Record<string, unknown>[] }
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

function readApplicationTables(db: Connection): readonly Table[] {
  return numberTables(mapSchema(schemaReader(db), readApplicationSchema(db)).tables).tables
}

/** A column keeps the type that PostgreSQL has given it, whatever the data says today. */
function keptTypes(tables: readonly Table[]): TypeOverrides {
  return Object.fromEntries(
    tables.flatMap((table) =>
      table.columns.map((column) => [`${table.name}.${column.name}`, column.postgresType]),
    ),
  )
}

async function checkPair({ writer, server }: InstallContext): Promise<string> {
  const ours = isInstalled(writer.db) ? controlReader(writer.db)().migration : undefined
  const theirs = (await findControl(server.control))?.migration
  if (theirs === undefined || theirs === ours) return ours ?? randomUUID()
  throw pairMismatch()
}

export function pairMismatch(): LockstepError {
  return new LockstepError(
    'PAIR_MISMATCH',
    'This PostgreSQL database is paired with another SQLite file. Nothing was changed: check the path and the ' +
      'connection settings; if the other pair is given up, run `DROP SCHEMA lockstep CASCADE` there first',
  )
}

async function onOneClient<T>(
  server: PostgresServer,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await server.control.connect()
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
