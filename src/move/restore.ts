import { constants } from 'node:fs'
import { chmod, chown, copyFile, realpath, rename, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LockstepError } from '../core/errors.ts'
import { recordInFile } from '../sqlite/audit.ts'
import { checkDatabase, type FileFacts, type JournalPosition } from '../sqlite/copy-database.ts'
import { holdFile, lookAtFile, refuseUnclear } from '../sqlite/hold-file.ts'
import { contentsOf, refuseDamage } from './backup.ts'
import { readManifest, manifestPath, type BackupManifest } from './backup-manifest.ts'
import { hashFile } from './hash-file.ts'
import { isThere, publishFile, replaceFile, sideFiles, withPartial } from './partial.ts'

export interface RestoreOptions {
  /** The backup. */
  file: string
  /**
   * Goes on where the target belongs to a move that is under way, or the backup has no manifest. It is recorded in the
   * audit log of the restored file, where Lockstep is installed on it.
   */
  force?: boolean
  onProgress?: (progress: { phase: 'copy' | 'check' }) => void
  signal?: AbortSignal
}

export interface RestoreReport {
  /** The file that was restored. */
  readonly target: string
  /** Where the file is that was there before, or null. */
  readonly previous: string | null
  readonly bytes: number
  readonly sha256: string
  readonly tables: FileFacts['tables']
  readonly lockstep: JournalPosition | null
  /** What the file means to a move that went on after it was made, or null where there was none. */
  readonly meaning: string | null
}

/**
 * Puts a backup in the place of the application's file, which nobody may have open. The file of before is kept beside it.
 * @throws LockstepError BACKUP_INVALID, FILE_IN_USE, GATE_REFUSED, FILE_UNWRITABLE, SQLITE_CORRUPT, SQLITE_NOTADB
 */
export async function restore(
  path: string,
  { file: from, force = false, onProgress = () => undefined, signal }: RestoreOptions,
): Promise<RestoreReport> {
  const [file, target] = [resolve(from), await behindLinks(resolve(path))]
  if (file === target) throw new TypeError('Expected a backup, not the file that is to be restored')
  if (!(await isThere(file)))
    throw new LockstepError('BACKUP_INVALID', `There is no backup at ${file}`)
  const manifest = await readManifest(file)
  if (manifest === null && !force)
    throw new LockstepError(
      'BACKUP_INVALID',
      `There is no manifest at ${manifestPath(file)}, so nothing says what the backup should hold. ` +
        '`--force` restores it all the same, if SQLite finds it sound',
    )
  if (manifest === null) await refuseUncommitted(file)
  return withPartial(target, async (partial) => {
    // Whoever uses the target, or its move, is told before a large file has been copied.
    const { wasMoving } = await refuseInUse(target, force)
    onProgress({ phase: 'copy' })
    await copyFile(file, partial, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    const copied = await hashFile(partial, signal)
    refuseOther(file, manifest, copied)
    onProgress({ phase: 'check' })
    const facts = await checkDatabase(partial, { signal, onProgress: () => undefined })
    refuseDamage(facts, file)
    await giveRights(partial, target)
    const previous = await swap(partial, target)
    // What the disk gives back is what counts from here on.
    refuseOther(target, manifest ?? copied, await hashFile(target))
    if (force) recordInFile(target, 'restore', { file, takenAt: manifest?.takenAt ?? null })
    const { tables, lockstep } = contentsOf(facts)
    const meaning = meaningOf(lockstep, wasMoving)
    return { target, previous, ...copied, tables, lockstep, meaning }
  })
}

/**
 * A copy of a live file is no copy without what SQLite keeps beside it: a WAL has rows that are committed, a rollback journal
 * takes those back that are not. A manifest would say what the file itself holds.
 * @throws LockstepError BACKUP_INVALID
 */
async function refuseUncommitted(file: string): Promise<void> {
  for (const end of ['-wal', '-journal']) {
    const beside = `${file}${end}`
    if (!(await isThere(beside)) || (await stat(beside)).size === 0) continue
    throw new LockstepError(
      'BACKUP_INVALID',
      `${beside} belongs to ${file}, which is not whole without it. Nothing was changed. Make one file of both with ` +
        `\`sqlite3 ${file} '.backup whole.db'\`, and restore that`,
      { details: { file, beside } },
    )
  }
}

/** The file that a link leads to is what SQLite opens. */
async function behindLinks(path: string): Promise<string> {
  return (await isThere(path)) ? realpath(path) : path
}

/** The application must be able to use the restored file as it did the one of before. */
async function giveRights(partial: string, target: string): Promise<void> {
  if (!(await isThere(target))) return
  const [wanted, given] = [await stat(target), await stat(partial)]
  if (wanted.uid !== given.uid || wanted.gid !== given.gid)
    await chown(partial, wanted.uid, wanted.gid)
  await chmod(partial, wanted.mode & 0o777)
}

/** @throws LockstepError BACKUP_INVALID */
function refuseOther(
  file: string,
  wanted: Pick<BackupManifest, 'bytes' | 'sha256'> | null,
  found: { readonly bytes: number; readonly sha256: string },
): void {
  if (wanted === null || (wanted.sha256 === found.sha256 && wanted.bytes === found.bytes)) return
  throw new LockstepError(
    'BACKUP_INVALID',
    `${file} is not what its manifest says: it has ${found.bytes} bytes of ${wanted.bytes}, and another SHA-256. ` +
      'It was changed, or not copied whole',
    { details: { file, bytes: found.bytes, expected: wanted.bytes } },
  )
}

/** @throws LockstepError FILE_IN_USE, GATE_REFUSED */
async function refuseInUse(target: string, force: boolean): Promise<{ wasMoving: boolean }> {
  const isKnown = await isThere(target)
  if (!isKnown) refuseUnclear(target)
  const wasMoving = isKnown && lookAtFile(target)?.isMoving === true
  if (!wasMoving || force) return { wasMoving }
  throw new LockstepError(
    'GATE_REFUSED',
    `${target} is the file of a move that is under way: PostgreSQL follows it, or is ahead of it already. Nothing was ` +
      'changed. `--force` puts the backup in its place all the same: read "A backup must be put back" in docs/what-if.md first',
  )
}

/**
 * The file of before stays, under another name, with what belongs to it: its WAL would damage the restored one, also where
 * the file itself is gone.
 * @returns its name, or null where there was none
 */
async function swap(partial: string, target: string): Promise<string | null> {
  const isReplacing = await isThere(target)
  const held = isReplacing ? holdFile(target) : null
  let isReplaced = false
  try {
    const aside = `${target}.before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
    for (const end of sideFiles) {
      if (await isThere(`${target}${end}`)) await rename(`${target}${end}`, `${aside}${end}`)
    }
    if (isReplacing) await replaceFile(partial, target, aside)
    else await publishFile(partial, target)
    isReplaced = true
    return isReplacing ? aside : null
  } finally {
    held?.release(isReplaced)
  }
}

function meaningOf(lockstep: JournalPosition | null, wasMoving: boolean): string | null {
  const section = 'docs/what-if.md, "A backup must be put back"'
  if (lockstep === null)
    return wasMoving
      ? 'The backup is from before `lockstep install`, and the file that it replaced was mirrored. PostgreSQL holds what was ' +
          'written since and belongs to the file of before: begin again with an empty database, or put that file back'
      : null
  if (lockstep.completed)
    return 'The move was complete when the backup was made: PostgreSQL has gone on alone, and has the data of today'
  if (lockstep.primary === 'postgres')
    return (
      'PostgreSQL was the primary when the backup was made, and is ahead of this file. If it still is, the rows that have ' +
      `changed since must be shipped again: ${section}`
    )
  return (
    'SQLite was the primary when the backup was made. What was written since is not in this file, and PostgreSQL may have ' +
    'it: an applier that sees this stands still (PRIMARY_REWOUND). Before the application starts, run `lockstep install` and ' +
    '`lockstep verify`, which makes PostgreSQL equal to this file and gives up what only PostgreSQL has: ' +
    section
  )
}
