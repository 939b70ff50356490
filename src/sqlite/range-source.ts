import { on } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { endThread } from '../core/end-thread.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import type { Table } from '../schema/model.ts'
import type { SqliteFile } from './connection.ts'
import { ChunkPool } from './chunk-pool.ts'
import { encodeRange, findBound, type KeyRange, type RangeEnd } from './copy-range.ts'
import { isSmallFile } from './small-file.ts'
import { SqliteStatements } from './statements.ts'
import { errorOf, resourceLimits, type ThreadFailure } from './thread.ts'

/** What is to be read: up to a key that is known, or as many rows as `rows` says. */
export interface RangeRequest {
  readonly table: Table
  readonly after: KeyRange['after']
  readonly until: { readonly upTo: KeyRange['upTo'] } | { readonly rows: number }
}

/** Whoever takes a chunk says of it, when it asks for the next one, whether nobody reads its memory any more. */
export type Chunks<T> = AsyncGenerator<Uint8Array, T, boolean>

/** A range in a read snapshot of its own, whose chunks must be read before another one is opened. */
export interface OpenedRange {
  readonly upTo: KeyRange['upTo']
  readonly chunks: Chunks<RangeEnd>
}

/** Reads one range after the other. */
export interface RangeSource {
  open(request: RangeRequest): Promise<OpenedRange>
  close(): Promise<void>
}

/** Bytes in one chunk. */
const chunkBytes = 256 * 1024
/** On the main thread the application's own work has its turn after so many. */
const sliceBytes = 32 * 1024
/** So many chunks a thread is ahead of who takes them, at the most. */
export const chunksAhead = 4

/**
 * Reads in a thread of its own, but a small file. What an application sets up on each connection (`sqlite.setup`) are
 * functions, which cannot go to another thread, and rows may depend on them: with it the main thread reads.
 */
export function openRangeSource(file: SqliteFile): RangeSource {
  return file.isSetUp || isSmallFile(file.path) ? inProcess(file) : inThread(file.path)
}

/** What goes to the thread: a request, or that a chunk was taken, with its memory where that is free again. */
export type ToThread = RangeRequest | { readonly taken: ArrayBuffer | null }

/** What comes back. */
export type FromThread =
  | { readonly opened: KeyRange['upTo'] }
  | { readonly chunk: Uint8Array<ArrayBuffer> }
  | { readonly ended: RangeEnd }
  | { readonly failed: ThreadFailure }

function inThread(path: string): RangeSource {
  // A thread loads its file by itself, so that it runs what is built, also where its caller runs from the sources.
  const script = createRequire(import.meta.url).resolve('#built/bundle/range-worker.js')
  const thread = new Worker(script, { workerData: { path, chunkBytes }, resourceLimits })
  const ended = new AbortController()
  // An error that nobody waits for now is told to who asks next.
  thread.on('error', (error) => ended.abort(error))
  thread.on('exit', () => ended.abort(new Error('the thread that reads SQLite has ended')))
  const inbox = on(thread, 'message', { signal: ended.signal })
  const send: Send = (message, moved = []) => thread.postMessage(message, moved)
  const receive = async (): Promise<FromThread> => {
    try {
      const { value } = (await inbox.next()) as { value: [FromThread] }
      const [message] = value
      if ('failed' in message) throw errorOf(message.failed)
      return message
    } catch (error) {
      throw ended.signal.aborted ? (ended.signal.reason as Error) : error
    }
  }
  return {
    async open(request) {
      send(request)
      const { opened } = (await receive()) as { opened: KeyRange['upTo'] }
      return { upTo: opened, chunks: takeChunks(send, receive) }
    },
    async close() {
      await endThread(thread)
    },
  }
}

type Send = (message: ToThread, moved?: ArrayBuffer[]) => void

async function* takeChunks(send: Send, receive: () => Promise<FromThread>): Chunks<RangeEnd> {
  // Of a range that has failed in the thread nothing comes any more.
  let isOver = false
  try {
    for (;;) {
      isOver = true
      const message = await receive()
      if ('ended' in message) return message.ended
      isOver = false
      const { chunk } = message as { chunk: Uint8Array<ArrayBuffer> }
      const isFree = yield chunk
      if (isFree) send({ taken: chunk.buffer }, [chunk.buffer])
      else send({ taken: null })
    }
  } finally {
    // Who has seen enough of a range leaves the rest of it in the way of the next one.
    if (!isOver) await skipRest(send, receive).catch(() => undefined)
  }
}

async function skipRest(send: Send, receive: () => Promise<FromThread>): Promise<void> {
  do send({ taken: null })
  while (!('ended' in (await receive())))
}

function inProcess(file: SqliteFile): RangeSource {
  const db = file.openReader()
  const statements = new SqliteStatements(db, true)
  const pool = new ChunkPool(sliceBytes)
  return {
    async open({ table, after, until }) {
      db.exec('BEGIN')
      const upTo = 'rows' in until ? findBound(statements, table, after, until.rows) : until.upTo
      return { upTo, chunks: readChunks() }
      async function* readChunks(): Chunks<RangeEnd> {
        const chunks = encodeRange(statements, table, { after, upTo }, sliceBytes, pool)
        try {
          for (;;) {
            const { done, value } = chunks.next()
            if (done === true) return value
            yield value
            await yieldToEventLoop()
          }
        } finally {
          chunks.return({ rows: 0, bytes: 0, rejected: [] })
          db.exec('ROLLBACK')
        }
      }
    },
    async close() {
      db.close()
    },
  }
}
