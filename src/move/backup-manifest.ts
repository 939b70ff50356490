import { readFile, rm, writeFile } from 'node:fs/promises'
import { LockstepError, messageOf } from '../core/errors.ts'
import { isRecord } from '../core/record.ts'
import type { FileFacts, JournalPosition } from '../sqlite/copy-database.ts'
import { fileFailure, isThere, ownerOnly, publishFile, withPartial } from './partial.ts'

const format = 'lockstep-backup'

/** What stands beside a backup, as JSON, in `FILE.manifest.json`. */
export interface BackupManifest {
  readonly format: typeof format
  readonly version: 1
  /** The name of the backup, without its folder. */
  readonly file: string
  readonly bytes: number
  /** In hexadecimal digits. */
  readonly sha256: string
  /** When the snapshot was taken, as ISO 8601. */
  readonly takenAt: string
  readonly sqliteVersion: string
  readonly userVersion: number
  readonly schemaVersion: number
  readonly tables: FileFacts['tables']
  readonly integrity: 'ok'
  /** Tables whose check needs a function or a collation of the application's. */
  readonly unchecked: FileFacts['unchecked']
  /** Rows whose parent is missing, by table. */
  readonly foreignKeys: FileFacts['foreignKeys']
  /** Where Lockstep's journal stood, or null where it was not installed. */
  readonly lockstep: JournalPosition | null
  /** While PostgreSQL is the primary the file follows it: what it has, and at most so many rows that it has not. */
  readonly mirror: { readonly everythingUpTo: string; readonly entriesBehind: number | null } | null
  /** The dump of PostgreSQL that was made with it. */
  readonly postgres: DumpFacts | null
}

export interface DumpFacts {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly serverVersion: string
  readonly pgDumpVersion: string
}

export function manifestOf(
  facts: Omit<BackupManifest, 'format' | 'version' | 'integrity'>,
): BackupManifest {
  return { format, version: 1, integrity: 'ok', ...facts }
}

export function manifestPath(file: string): string {
  return `${file}.manifest.json`
}

/**
 * Takes away the manifest of a backup that never came: a process that is killed between the two leaves it behind. What
 * is no manifest stays.
 */
export async function clearLeftManifest(file: string): Promise<void> {
  const path = manifestPath(file)
  if (!(await isThere(path))) return
  const left = await readManifest(file).catch(() => null)
  if (left !== null) await rm(path)
}

/** @throws LockstepError FILE_EXISTS, FILE_UNWRITABLE */
export async function writeManifest(file: string, manifest: BackupManifest): Promise<void> {
  const path = manifestPath(file)
  await withPartial(path, async (partial) => {
    await writeFile(partial, `${JSON.stringify(manifest, null, 2)}\n`, { mode: ownerOnly.file })
    await publishFile(partial, path)
  })
}

/**
 * The manifest of a backup, or null where there is none.
 * @throws LockstepError BACKUP_INVALID
 */
export async function readManifest(file: string): Promise<BackupManifest | null> {
  const path = manifestPath(file)
  if (!(await isThere(path))) return null
  try {
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (isManifest(manifest)) return manifest
  } catch (error) {
    throw new LockstepError('BACKUP_INVALID', `${path} cannot be read: ${messageOf(error)}`, {
      cause: fileFailure(error, path),
    })
  }
  throw new LockstepError('BACKUP_INVALID', `${path} is no manifest of a backup`)
}

function isManifest(value: unknown): value is BackupManifest {
  return (
    isRecord(value) &&
    value['format'] === format &&
    value['version'] === 1 &&
    typeof value['sha256'] === 'string' &&
    typeof value['bytes'] === 'number' &&
    Array.isArray(value['tables'])
  )
}
