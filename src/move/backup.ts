import { basename, resolve } from 'node:path'
import { LockstepError } from '../core/errors.ts'
import { dumpPostgres } from '../postgres/dump.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { checkDatabase, copyDatabase, type FileFacts } from '../sqlite/copy-database.ts'
import {
  clearLeftManifest,
  manifestOf,
  manifestPath,
  writeManifest,
  type BackupManifest,
  type DumpFacts,
} from './backup-manifest.ts'
import { hashFile } from './hash-file.ts'
import { createEmpty, publishFile, refuseExisting, refuseSideFile, withPartial } from './partial.ts'

export interface BackupOptions {
  /** The backup; it must not be there. Its manifest comes beside it, as `FILE.manifest.json`. */
  file: string
  /** Also dumps PostgreSQL to this file, with `pg_dump` in its custom format. */
  postgres?: string
  /** For how long the copy may take, and pg_dump. Default an hour; beyond it BACKUP_TIMEOUT, and nothing is left. */
  timeoutMs?: number
  onProgress?: (progress: BackupProgress) => void
  signal?: AbortSignal
}

export interface BackupProgress {
  phase: 'copy' | 'check' | 'dump'
  /** Pages while copying, tables while checking, bytes while dumping. */
  done: number
  /** Null where it is not known. */
  total: number | null
}

export interface BackupReport extends BackupManifest {
  /** Where the manifest is. */
  readonly manifest: string
  /** The backup, with its folder. */
  readonly path: string
}

export interface BackupContext {
  /** The SQLite file, in WAL mode. */
  readonly path: string
  readonly busyTimeoutMs: number
  readonly server: PostgresServer
}

const hourMs = 3_600_000

/**
 * Copies the SQLite file while the application writes, checks the copy, and only then gives it its name.
 * @throws LockstepError FILE_EXISTS, FILE_UNWRITABLE, BACKUP_TIMEOUT, PG_DUMP_FAILED, SQLITE_CORRUPT and other codes of SQLite
 */
export async function backup(
  context: BackupContext,
  options: BackupOptions,
): Promise<BackupReport> {
  const file = resolve(options.file)
  const dump = options.postgres === undefined ? null : resolve(options.postgres)
  if (dump === file) throw new TypeError('Expected two files, one for each place')
  for (const target of [file, ...(dump === null ? [] : [dump])])
    await refuseSideFile(context.path, target)
  await refuseExisting(file)
  if (dump === null) return withPartial(file, (partial) => finish(context, options, partial, null))
  await refuseExisting(dump)
  return withPartial(dump, async (dumped) => {
    const facts = await dumpTo(context, options, dumped)
    const finished = { partial: dumped, target: dump, facts: { file: basename(dump), ...facts } }
    return withPartial(file, (partial) => finish(context, options, partial, finished))
  })
}

/** A dump that has everything but its name. */
interface FinishedDump {
  readonly partial: string
  readonly target: string
  readonly facts: DumpFacts
}

/** Makes and checks the copy; then all that there is gets its name. */
async function finish(
  context: BackupContext,
  options: BackupOptions,
  partial: string,
  dump: FinishedDump | null,
): Promise<BackupReport> {
  const file = resolve(options.file)
  await clearLeftManifest(file)
  await refuseExisting(manifestPath(file))
  const facts = await copyTo(context, options, partial)
  const manifest = manifestOf({
    file: basename(file),
    ...(await hashFile(partial, options.signal)),
    ...facts,
    mirror: await mirrorOf(facts.lockstep, context.server),
    postgres: dump?.facts ?? null,
  })
  if (dump !== null) await publishFile(dump.partial, dump.target)
  // The manifest comes before the backup, so that there never is a backup without one.
  await writeManifest(file, manifest)
  await publishFile(partial, file)
  return { ...manifest, manifest: manifestPath(file), path: file }
}

async function copyTo(
  { path: source, busyTimeoutMs }: BackupContext,
  { timeoutMs = hourMs, onProgress = () => undefined, signal }: BackupOptions,
  partial: string,
): Promise<ReturnType<typeof contentsOf> & { takenAt: string }> {
  await createEmpty(partial)
  const { takenAtMs } = await copyDatabase(
    { source, file: partial, busyTimeoutMs, timeoutMs },
    { signal, onProgress: (now) => onProgress({ phase: 'copy', ...now }) },
  )
  const facts = await checkDatabase(partial, {
    signal,
    onProgress: (now) => onProgress({ phase: 'check', ...now }),
  })
  refuseDamage(facts, source)
  return { takenAt: new Date(takenAtMs).toISOString(), ...contentsOf(facts) }
}

/** What the manifest and a report say of a file. */
export function contentsOf(facts: FileFacts): Omit<FileFacts, 'damage'> {
  const { damage: _, ...contents } = facts
  return contents
}

/** @throws LockstepError SQLITE_CORRUPT */
export function refuseDamage({ damage }: FileFacts, path: string): void {
  const [first] = damage
  if (first === undefined) return
  throw new LockstepError(
    'SQLITE_CORRUPT',
    `${path} is damaged: ${first}. The copy of it was not kept; recover the file with \`sqlite3 FILE .recover\``,
    { details: { path, damage } },
  )
}

async function dumpTo(
  { server }: BackupContext,
  { timeoutMs = hourMs, onProgress = () => undefined, signal }: BackupOptions,
  partial: string,
): Promise<Omit<DumpFacts, 'file'>> {
  await createEmpty(partial)
  const versions = await dumpPostgres(server, {
    file: partial,
    timeoutMs,
    signal,
    onBytes: (done) => onProgress({ phase: 'dump', done, total: null }),
  })
  return { ...(await hashFile(partial, signal)), ...versions }
}

/** What a file that follows PostgreSQL may lack. */
async function mirrorOf(
  lockstep: FileFacts['lockstep'],
  server: PostgresServer,
): Promise<BackupManifest['mirror']> {
  if (lockstep?.primary !== 'postgres') return null
  return {
    everythingUpTo: new Date(lockstep.appliedAtMs).toISOString(),
    entriesBehind: lockstep.completed ? null : await entriesOf(server),
  }
}

/** Null where PostgreSQL does not say it, whatever the reason: a backup does not need it. */
async function entriesOf({ control }: PostgresServer): Promise<number | null> {
  try {
    const { rows } = await control.query<{ count: string }>('SELECT count(*) FROM lockstep.journal')
    return Number(rows[0]?.count)
  } catch {
    return null
  }
}
