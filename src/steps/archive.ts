import { LockstepError } from '../core/errors.ts'
import { asFailure } from '../engine/failure.ts'
import { checkStep } from '../options/misuse.ts'
import { backup as runBackup, type BackupOptions, type BackupReport } from '../move/backup.ts'
import { exportAll, type ExportOptions, type ExportReport } from '../move/export.ts'
import { restore as runRestore, type RestoreOptions, type RestoreReport } from '../move/restore.ts'
import { resolveOptions, type LockstepOptions, type ResolvedOptions } from '../options/options.ts'
import type { EvidenceAction } from './evidence.ts'
import { openPostgres, type PostgresServer } from '../postgres/connection.ts'
import { recordInFile } from '../sqlite/audit.ts'
import { openReadOnly, requireWal, type Connection } from '../sqlite/connection.ts'

/**
 * The commands `backup`, `restore` and `export`. They need neither an install nor, but for what is on it, PostgreSQL: a
 * backup is the first thing that an operator makes.
 */

/** @throws LockstepError CONFIG_INVALID, NOT_WAL, SQLITE_CANTOPEN, SQLITE_NOTADB, and those of `runBackup` */
export async function backup(raw: LockstepOptions, settings: BackupOptions): Promise<BackupReport> {
  checkStep('backup', [settings])
  return withPlaces(raw, async ({ db, server, options }) => {
    requireWal(db)
    const { busyTimeoutMs } = options.sqlite
    const report = await runBackup({ path: db.name, busyTimeoutMs, server }, settings)
    recordBackup(db.name, report)
    return report
  })
}

/** @throws LockstepError CONFIG_INVALID, SQLITE_CANTOPEN, SQLITE_NOTADB, and those of `exportAll` */
export async function exportRows(
  raw: LockstepOptions,
  settings: ExportOptions,
): Promise<ExportReport> {
  checkStep('export', [settings])
  return withPlaces(raw, (places) => exportAll(places, settings))
}

/** @throws LockstepError CONFIG_INVALID, and those of `runRestore` */
export async function restore(
  raw: LockstepOptions,
  settings: RestoreOptions,
): Promise<RestoreReport> {
  checkStep('restore', [settings])
  const { path } = resolveOptions(raw).sqlite
  if (path === undefined)
    throw new LockstepError('CONFIG_INVALID', 'sqlite.path must name the file to restore', {
      details: { key: 'sqlite.path' },
    })
  return runRestore(path, settings).catch((error: unknown) => {
    throw asFailure(error)
  })
}

/** For the gate `backup`. Who may read the file alone makes backups all the same, and the gate asks for another one. */
function recordBackup(path: string, { bytes, sha256 }: BackupReport): void {
  try {
    recordInFile(path, 'backed-up' satisfies EvidenceAction, { bytes, sha256 })
  } catch {
    // The backup is whole without it.
  }
}

interface Places {
  /** Only reads. */
  readonly db: Connection
  readonly server: PostgresServer
  readonly options: ResolvedOptions
}

async function withPlaces<T>(
  raw: LockstepOptions,
  work: (places: Places) => Promise<T>,
): Promise<T> {
  const options = resolveOptions(raw)
  const server = openPostgres(options.postgres)
  let db: Connection | undefined
  try {
    db = openReadOnly(options.sqlite, options.sqlite.busyTimeoutMs)
    return await work({ db, server, options })
  } catch (error) {
    throw asFailure(error)
  } finally {
    db?.close()
    await server.close()
  }
}
