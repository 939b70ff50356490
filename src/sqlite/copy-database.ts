import { Worker } from 'node:worker_threads'
import { codeRoot } from '../core/code-root.ts'
import { LockstepError, type ErrorCode } from '../core/errors.ts'
import type { ControlState, PlaceName } from '../place/place.ts'

/** Pages, or tables, that are done. */
export interface CopyProgress {
  readonly done: number
  readonly total: number
}

export interface CopyOptions {
  readonly onProgress: (progress: CopyProgress) => void
  readonly signal: AbortSignal | undefined
}

/** Where Lockstep's journal stands in one file. */
export interface JournalPosition {
  readonly migration: string
  readonly epoch: number
  readonly primary: PlaceName
  readonly state: ControlState
  readonly completed: boolean
  /** The newest entry, and how many wait for the secondary; of a primary. */
  readonly journal: { readonly newest: number; readonly waiting: number }
  /** When the file was last known to be equal to the other place, or 0. */
  readonly appliedAtMs: number
}

/** What a look at every page and row of a file has found. */
export interface FileFacts {
  /** What is broken, as SQLite says it; empty for a sound file. */
  readonly damage: readonly string[]
  /** Tables that need a function or a collation of the application's to be checked whole. */
  readonly unchecked: readonly { readonly table: string; readonly reason: string }[]
  /** Every table but SQLite's and Lockstep's own; of a virtual one those that it is made of. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  /** Rows whose parent is missing, by table. The application may live with them. */
  readonly foreignKeys: readonly { readonly table: string; readonly rows: number }[]
  readonly lockstep: JournalPosition | null
  readonly sqliteVersion: string
  readonly userVersion: number
  readonly schemaVersion: number
}

/**
 * Copies the database page by page from one read snapshot, in a thread of its own: neither the writers nor the event loop
 * of the application wait. While it lasts the WAL cannot become shorter, so it has a bound.
 * @param source a file in WAL mode
 * @param file is not there, or is empty
 * @returns when the snapshot was taken
 * @throws LockstepError BACKUP_TIMEOUT, FILE_UNWRITABLE, and SQLite's codes
 */
export async function copyDatabase(
  request: { source: string; file: string; busyTimeoutMs: number; timeoutMs: number },
  options: CopyOptions,
): Promise<{ takenAtMs: number }> {
  const { source, file, timeoutMs } = request
  return run<{ takenAtMs: number }>(request, options, ({ code, message }) => {
    if (code === 'BACKUP_TIMEOUT')
      return new LockstepError(
        code,
        `The copy of ${source} was not complete after ${timeoutMs} ms. Nothing was left behind`,
        { details: { timeoutMs } },
      )
    const context = `Cannot copy ${source} to ${file}: ${message}`
    // The source is only read, so these speak of the copy.
    const isOfCopy = ['SQLITE_FULL', 'SQLITE_CANTOPEN', 'SQLITE_READONLY'].includes(code)
    return new LockstepError(isOfCopy ? 'FILE_UNWRITABLE' : code, context, {
      details: { path: file, reason: code },
    })
  })
}

/**
 * Looks through a file that nobody else uses, in a thread of its own.
 * @throws LockstepError with SQLite's codes, SQLITE_NOTADB and SQLITE_CORRUPT among them
 */
export async function checkDatabase(file: string, options: CopyOptions): Promise<FileFacts> {
  return run<FileFacts>({ file }, options, ({ code, message }) => {
    return new LockstepError(code, `Cannot check ${file}: ${message}`, { details: { path: file } })
  })
}

interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

type Message<T> =
  | { progress: CopyProgress }
  | { result: T }
  | { failure: Failure | { readonly code: undefined; readonly message: string } }

async function run<T>(
  request: object,
  { onProgress, signal }: CopyOptions,
  failed: (failure: Failure) => LockstepError,
): Promise<T> {
  signal?.throwIfAborted()
  // Asked between two steps: see `endThread` for why nobody terminates it.
  const stopped = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('sqlite/copy-worker.mjs', codeRoot), {
    workerData: { ...request, stopped },
  })
  const exit = new Promise((resolve) => worker.once('exit', resolve))
  const abort = (): void => void Atomics.store(stopped, 0, 1)
  signal?.addEventListener('abort', abort, { once: true })
  const errorOf = ({ code, message }: Failure | { code: undefined; message: string }): Error =>
    code === undefined ? new Error(message) : failed({ code, message })
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.on('message', (message: Message<T>) => {
        if ('progress' in message) onProgress(message.progress)
        else if ('result' in message) resolve(message.result)
        else reject((signal?.reason as Error | undefined) ?? errorOf(message.failure))
      })
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`the thread ended with ${code}`)))
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    await exit
  }
}
