import { copyFileSync, existsSync, openSync, readSync, closeSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { messageOf } from '../core/errors.ts'

/** https://www.sqlite.org/fileformat2.html#magic_header_string */
const magic = 'SQLite format 3\u0000'

/** The file is not one that the demo can try: a wrong argument, so a `TypeError`. */
export class NotADatabaseError extends TypeError {
  override readonly name = 'NotADatabaseError'
}

/**
 * A consistent copy, made by SQLite's own online backup: what is still in the write-ahead log comes along,
 * and other programs may go on using the original, which is opened for reading only.
 */
export async function copySqliteFile(from: string, to: string): Promise<void> {
  refuseOthers(from)
  try {
    await backup(from, to)
  } catch {
    // A file in WAL mode in a folder that cannot be written to cannot be opened in place.
    copyFileSync(from, `${to}.raw`)
    if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${to}.raw-wal`)
    await backup(`${to}.raw`, to)
  }
  const copy = new Database(to)
  try {
    refuseDamaged(copy, from)
    copy.pragma('journal_mode = WAL')
  } finally {
    copy.close()
  }
}

function refuseOthers(file: string): void {
  if (!existsSync(file)) throw new NotADatabaseError(`${file} does not exist`)
  if (!statSync(file).isFile()) throw new NotADatabaseError(`${file} is not a file`)
  const head = Buffer.alloc(magic.length)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, head, 0, head.length, 0)
  } finally {
    closeSync(handle)
  }
  if (head.toString('latin1') === magic) return
  throw new NotADatabaseError(`${file} is not an SQLite database: it does not begin as one`)
}

function refuseDamaged(copy: Database.Database, from: string): void {
  const problem = ((): unknown => {
    try {
      return copy.pragma('quick_check(1)', { simple: true })
    } catch (error) {
      return messageOf(error)
    }
  })()
  if (problem === 'ok') return
  throw new NotADatabaseError(
    `${from} is damaged: ${String(problem).replaceAll('\n', ' ')}. Restore a backup, or save what can be read with the command .recover of the sqlite3 shell`,
  )
}

async function backup(from: string, to: string): Promise<void> {
  const source = new Database(from, { readonly: true, fileMustExist: true })
  try {
    await source.backup(to)
  } finally {
    source.close()
  }
}
