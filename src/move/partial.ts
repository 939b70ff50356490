import { link, lstat, open, readdir, realpath, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LockstepError, messageOf } from '../core/errors.ts'

/**
 * A file, or a folder, comes to its place whole or not at all: it is made beside it under a name that says which process
 * makes it, and what a killed process left there is removed by the next run for the same target.
 */
const inUse = new Set<string>()
let made = 0

/**
 * Gives `work` a name to write to, and removes whatever is still there under it afterwards. One at a time works for a target.
 * @throws LockstepError FILE_EXISTS, FILE_UNWRITABLE
 */
export async function withPartial<T>(
  target: string,
  work: (partial: string) => Promise<T>,
): Promise<T> {
  const partial = join(dirname(target), `.${basename(target)}.partial-${process.pid}-${made++}`)
  try {
    const busy = await sweep(target)
    if (busy !== undefined)
      throw exists(target, `another process is about to write it (${busy} is what it has so far)`)
    inUse.add(basename(partial))
    return await work(partial)
  } catch (error) {
    throw fileFailure(error, target)
  } finally {
    await removePartial(partial)
    inUse.delete(basename(partial))
  }
}

/** A copy leaves the care that its source is kept with: whoever is to read it besides its maker must be let. */
export const ownerOnly = { file: 0o600, folder: 0o700 } as const

/** Makes an empty file that only its owner may look into, before anything stands in it. */
export async function createEmpty(path: string): Promise<void> {
  const handle = await open(path, 'wx', ownerOnly.file)
  await handle.close()
}

/** How the names of the files end that SQLite makes beside a database. https://www.sqlite.org/tempfiles.html */
export const sideFiles: readonly string[] = ['-wal', '-shm', '-journal']

/** With the files that SQLite makes beside a database. */
async function removePartial(partial: string): Promise<void> {
  for (const end of ['', ...sideFiles])
    await rm(`${partial}${end}`, { recursive: true, force: true })
}

/**
 * Removes what processes that are gone have left for this target.
 * @returns what one that is at work has made so far, if there is one
 */
async function sweep(target: string): Promise<string | undefined> {
  const prefix = `.${basename(target)}.partial-`
  for (const name of await readdir(dirname(target))) {
    const [, own = '', pid] =
      /^((\d+)-\d+)(-journal|-wal|-shm)?$/.exec(
        name.startsWith(prefix) ? name.slice(prefix.length) : '',
      ) ?? []
    if (pid === undefined) continue
    // In a container each run may have the number that the killed one had.
    const isAtWork =
      Number(pid) === process.pid ? inUse.has(`${prefix}${own}`) : isAlive(Number(pid))
    if (isAtWork) return name
    await rm(join(dirname(target), name), { recursive: true, force: true })
  }
  return undefined
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Waits for the disk and gives the file its name, which must still be free. A second name for the file is what no race
 * can make an overwrite of; where the file system has none, the last look comes right before the rename.
 * @throws LockstepError FILE_EXISTS
 */
export async function publishFile(partial: string, target: string): Promise<void> {
  await syncFile(partial)
  try {
    await link(partial, target)
    await unlink(partial)
  } catch (error) {
    if (!hasNoLinks(error)) throw fileFailure(error, target)
    await refuseExisting(target)
    await rename(partial, target)
  }
  await syncFile(dirname(target))
}

/**
 * The same where a file is there, which is kept under the name `aside`. At no moment, and whoever is killed, is there none
 * at the target: it is the one or the other.
 */
export async function replaceFile(partial: string, target: string, aside: string): Promise<void> {
  await syncFile(partial)
  try {
    await link(target, aside)
  } catch (error) {
    if (!hasNoLinks(error)) throw fileFailure(error, target)
    await rename(target, aside)
  }
  await rename(partial, target)
  await syncFile(dirname(target))
}

function hasNoLinks(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))
}

/** As `publishFile`, for a folder of files that are on the disk already; an empty folder gives way. */
export async function publishFolder(partial: string, target: string): Promise<void> {
  await syncFile(partial)
  await rename(partial, target)
  await syncFile(dirname(target))
}

/** Waits until a file, or the names in a folder, are on the disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * SQLite takes a file of these names for its own: it removes the one and reads the others.
 * @throws TypeError
 */
export async function refuseSideFile(source: string, target: string): Promise<void> {
  const folder = await realpath(dirname(target)).catch(() => dirname(target))
  const of = await realpath(source)
  if (!sideFiles.some((end) => join(folder, basename(target)) === `${of}${end}`)) return
  throw new TypeError(
    `Expected another name than ${target}: SQLite has such files beside ${source}, and would take it for one of them`,
  )
}

/** @throws LockstepError FILE_EXISTS */
export async function refuseExisting(path: string): Promise<void> {
  if (await isThere(path)) throw exists(path, isAlready)
}

/**
 * A folder that is there must be empty.
 * @throws LockstepError FILE_EXISTS
 */
export async function refuseFilled(path: string): Promise<void> {
  if (!(await isThere(path))) return
  const isFree = (await lstat(path)).isDirectory() && (await readdir(path)).length === 0
  if (!isFree) throw exists(path, isAlready)
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw fileFailure(error, path)
  }
}

const isAlready = 'it is there already'

function exists(path: string, reason: string, cause?: unknown): LockstepError {
  return new LockstepError(
    'FILE_EXISTS',
    `${path} is not written, as nothing is overwritten: ${reason}. Choose another name, or move it away`,
    { details: { path }, cause },
  )
}

/** What a file system answers; a connection to PostgreSQL that fails has some of these codes too. */
const ofFiles =
  /^E(ACCES|BUSY|DQUOT|EXIST|FBIG|IO|ISDIR|LOOP|MFILE|NAMETOOLONG|NFILE|NOENT|NOSPC|NOTDIR|NOTEMPTY|PERM|ROFS|XDEV)$/

/** What the file system says, as an error with a code; anything else goes through as it is. */
export function fileFailure(error: unknown, path: string): unknown {
  const code = codeOf(error)
  const isOfFiles =
    ofFiles.test(code) && (error as NodeJS.ErrnoException).syscall?.startsWith('connect') !== true
  if (error instanceof LockstepError || !isOfFiles) return error
  if (code === 'EEXIST' || code === 'ENOTEMPTY') return exists(path, isAlready, error)
  return new LockstepError('FILE_UNWRITABLE', `Cannot write ${path}: ${messageOf(error)}`, {
    details: { path, reason: code },
    cause: error,
  })
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : ''
}
