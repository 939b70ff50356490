import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LockstepError } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { postgresExportRows } from '../postgres/export-rows.ts'
import type { Connection } from '../sqlite/connection.ts'
import { controlReader, isInstalled } from '../sqlite/control.ts'
import { exportRows, exportTables } from '../sqlite/export-rows.ts'
import { refuseHiddenRowsOf } from '../sqlite/hidden-rows.ts'
import { installedTables } from '../sqlite/install.ts'
import { createRowWriter, type ExportFormat } from '../values/export-text.ts'
import type { Row } from '../values/value.ts'
import { exportFileName, writeRows, type WrittenFile } from './export-file.ts'
import { findPartner } from './pair.ts'
import {
  ownerOnly,
  publishFolder,
  refuseFilled,
  refuseSideFile,
  syncFile,
  withPartial,
} from './partial.ts'

export interface ExportOptions {
  /** A folder that is not there, or is empty. */
  directory: string
  format: ExportFormat
  /** Which place is read. Default: the primary. */
  from?: PlaceName
  onProgress?: (progress: { table: string; rows: number }) => void
  signal?: AbortSignal
}

/** What stands in `manifest.json` of the folder. */
export interface ExportManifest {
  readonly format: 'lockstep-export'
  readonly version: 1
  readonly rows: ExportFormat
  readonly place: PlaceName
  readonly primary: PlaceName
  /** When the snapshot was taken, as ISO 8601. */
  readonly takenAt: string
  readonly tables: readonly ExportedTable[]
  /** Virtual tables, which are not exported. */
  readonly leftOut: readonly string[]
}

export interface ExportedTable extends WrittenFile {
  readonly table: string
  readonly file: string
  /** As SQLite's schema declares them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

export interface ExportReport extends ExportManifest {
  readonly directory: string
}

export interface ExportContext {
  /** A connection of the export's own; it is left with no transaction open. */
  readonly db: Connection
  readonly server: PostgresServer
}

/** One read snapshot of a place. */
interface Snapshot {
  readonly tables: readonly SnapshotTable[]
  readonly virtual: readonly string[]
  close(): Promise<void>
}

interface SnapshotTable {
  readonly name: string
  readonly columns: ExportedTable['columns']
  rows(): AsyncIterable<readonly Row[]>
}

/**
 * Writes each table to a file of its own, from one snapshot, while writes go on. Memory does not grow with the tables. The
 * folder gets its name when it is whole.
 * @throws LockstepError FILE_EXISTS, FILE_UNWRITABLE, NOT_INSTALLED, PAIR_MISMATCH, POSTGRES_UNREACHABLE, SQLITE_CORRUPT
 */
export async function exportAll(
  context: ExportContext,
  options: ExportOptions,
): Promise<ExportReport> {
  const { format, onProgress = () => undefined, signal } = options
  const directory = resolve(options.directory)
  await refuseSideFile(context.db.name, directory)
  await refuseFilled(directory)
  const primary = isInstalled(context.db) ? controlReader(context.db)().primary : 'sqlite'
  const place = options.from ?? primary
  return withPartial(directory, async (partial) => {
    await mkdir(partial, { mode: ownerOnly.folder })
    const snapshot =
      place === 'sqlite'
        ? await openSqliteSnapshot(context.db, signal)
        : await openPostgresSnapshot(context)
    const takenAt = new Date().toISOString()
    const tables: ExportedTable[] = []
    try {
      for (const [index, table] of snapshot.tables.entries()) {
        const file = exportFileName(table.name, index, format)
        const names = table.columns.map(({ name }) => name)
        const writer = createRowWriter(format, names)
        const written = await writeRows(join(partial, file), table.rows(), writer, (rows) => {
          signal?.throwIfAborted()
          onProgress({ table: table.name, rows })
        })
        tables.push({ table: table.name, file, columns: table.columns, ...written })
      }
    } finally {
      await snapshot.close()
    }
    const leftOut = snapshot.virtual
    const about = { format: 'lockstep-export', version: 1, rows: format, place, primary } as const
    const manifest: ExportManifest = { ...about, takenAt, tables, leftOut }
    await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: ownerOnly.file,
    })
    await syncFile(join(partial, 'manifest.json'))
    await publishFolder(partial, directory)
    return { ...manifest, directory }
  })
}

async function openSqliteSnapshot(
  db: Connection,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  db.exec('BEGIN')
  const { tables, virtual } = exportTables(db)
  for (const { name } of tables) await refuseHiddenRowsOf(db, name, signal)
  return {
    virtual,
    tables: tables.map((table) => ({ ...table, rows: () => exportRows(db, table) })),
    close: () => Promise.resolve(void db.exec('COMMIT')),
  }
}

async function openPostgresSnapshot({ db, server }: ExportContext): Promise<Snapshot> {
  if (!isInstalled(db))
    throw new LockstepError(
      'NOT_INSTALLED',
      'Lockstep is not installed on this SQLite file, so PostgreSQL has nothing of it: export from SQLite',
    )
  await findPartner(server, controlReader(db))
  const tables = installedTables(db).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const client = await server.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query('SELECT 1')
  } catch (error) {
    await client.end()
    throw error
  }
  return {
    virtual: exportTables(db).virtual,
    tables: tables.map((table) => ({
      name: table.name,
      columns: table.columns.map(({ name, declaredType }) => ({ name, type: declaredType })),
      rows: () => postgresExportRows(client, server.schema, table),
    })),
    close: () => client.end(),
  }
}
