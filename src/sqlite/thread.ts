import { setPriority } from 'node:os'
import { isLockstepError, LockstepError, messageOf, type ErrorCode } from '../core/errors.ts'
import { openReadOnly, type Connection } from './connection.ts'
import { isSqliteError } from './errors.ts'

/** How long to wait where another process has the whole file, as it does for a moment when it recovers the WAL. */
const busyTimeoutMs = 5000
/** For SQLite's cache of each connection; better-sqlite3 has it at 16 MB. */
const cacheKib = 2048
/** Whatever else the machine has to do comes first. */
const niceness = 10

/** A row dies young: more room for it makes a thread larger, and no faster. */
export const resourceLimits = { maxYoungGenerationSizeMb: 4 }

/** Called first by a thread that reads ranges. Those read each page about once: a cache of SQLite's own is memory and nothing else. */
export function openInThread(path: string): Connection {
  // Linux keeps a priority for each thread; elsewhere it would be that of the whole process. man 2 setpriority, "NPTL"
  if (process.platform === 'linux') setPriority(0, niceness)
  const db = openReadOnly({ path }, busyTimeoutMs)
  db.pragma(`cache_size = -${cacheKib}`)
  return db
}

/** An error on its way from one thread to another, which would lose its class. */
export interface ThreadFailure {
  readonly code: string | undefined
  readonly message: string
}

export function failureOf(error: unknown): ThreadFailure {
  const isKnown = isSqliteError(error) || isLockstepError(error)
  return { code: isKnown ? error.code : undefined, message: messageOf(error) }
}

export function errorOf({ code, message }: ThreadFailure): Error {
  return code === undefined ? new Error(message) : new LockstepError(code as ErrorCode, message)
}
