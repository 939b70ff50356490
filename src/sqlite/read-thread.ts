import { Worker } from 'node:worker_threads'
import { codeRoot } from '../core/code-root.ts'
import { endThread } from '../core/end-thread.ts'
import { LockstepError, type ErrorCode } from '../core/errors.ts'
import type { CappedAnswer, ReadCaps } from './capped-read.mjs'

/** Reads of the SQLite file in a thread of their own: the event loop of the application never waits for them. */
export interface ReadThread {
  /**
   * One read, with what it took in milliseconds.
   * @throws LockstepError with SQLite's codes; SQLITE_INTERRUPT where it took longer than `timeoutMs`
   */
  read(sql: string, args: readonly unknown[], bounds: ReadBounds): Promise<TimedAnswer>
  close(): Promise<void>
}

export interface ReadBounds extends ReadCaps {
  readonly timeoutMs: number
}

export interface TimedAnswer extends CappedAnswer {
  readonly ms: number
}

/** A thread, and the memory that tells it, between two rows, that nobody waits for them any more. */
interface Started {
  readonly worker: Worker
  readonly givenUp: Int32Array<SharedArrayBuffer>
}

interface Waiting {
  readonly resolve: (answer: TimedAnswer) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

type Reply = { readonly id: number } & (
  | { readonly answer: CappedAnswer; readonly ms: number }
  | { readonly failure: { readonly code?: ErrorCode; readonly message: string } }
)

/** What a thread may take to begin, on a machine that is busy. */
const startMs = 10_000

/**
 * The thread begins with the first read. SQLite cannot be interrupted from outside of it, so a read that takes
 * too long is given up with its thread, which ends when SQLite lets it; the next read gets another one.
 */
export function createReadThread(path: string, busyTimeoutMs: number): ReadThread {
  const waiting = new Map<number, Waiting>()
  let current: Started | undefined
  let isReady = false
  let ids = 0

  function settle(id: number): Waiting | undefined {
    const one = waiting.get(id)
    waiting.delete(id)
    clearTimeout(one?.timer)
    return one
  }

  function failAll(error: Error): void {
    for (const id of waiting.keys()) settle(id)?.reject(error)
  }

  function start(): Started {
    isReady = false
    const givenUp = new Int32Array(new SharedArrayBuffer(4))
    const thread = new Worker(new URL('sqlite/read-worker.mjs', codeRoot), {
      workerData: { path, busyTimeoutMs, givenUp },
    })
    const started = { worker: thread, givenUp }
    thread.unref()
    const gone = (error: Error): void => {
      if (current !== started) return
      current = undefined
      failAll(error)
    }
    thread.on('message', (reply: Reply | 'ready') => {
      if (reply === 'ready') {
        isReady ||= current === started
        return
      }
      const one = settle(reply.id)
      if ('answer' in reply) one?.resolve({ ...withBuffers(reply.answer), ms: reply.ms })
      else one?.reject(failureOf(reply.failure))
    })
    thread.on('error', gone)
    thread.on('exit', (code) => gone(new Error(`the thread ended with ${code}`)))
    return started
  }

  async function giveUp(error: Error): Promise<void> {
    const given = current
    current = undefined
    failAll(error)
    if (given === undefined) return
    Atomics.store(given.givenUp, 0, 1)
    await endThread(given.worker)
  }

  return {
    read: (sql, args, { timeoutMs, ...caps }) =>
      new Promise((resolve, reject) => {
        const id = ids++
        const late = (): void => void giveUp(interrupted(timeoutMs))
        current ??= start()
        const bound = isReady ? timeoutMs : timeoutMs + startMs
        waiting.set(id, { resolve, reject, timer: setTimeout(late, bound).unref() })
        // Nothing is handed over, all is copied.
        current.worker.postMessage({ id, sql, args, caps }, [])
      }),
    close: () => giveUp(new LockstepError('CLOSED', 'The shadow reads have ended')),
  }
}

function interrupted(timeoutMs: number): LockstepError {
  return new LockstepError('SQLITE_INTERRUPT', `The read took longer than ${timeoutMs} ms`)
}

function failureOf({ code, message }: { code?: ErrorCode; message: string }): Error {
  return code === undefined ? new Error(message) : new LockstepError(code, message)
}

/** What comes from another thread is no Buffer but its bytes. */
function withBuffers(answer: CappedAnswer): CappedAnswer {
  for (const row of answer.rows) {
    for (const [index, value] of row.entries()) {
      if (ArrayBuffer.isView(value))
        row[index] = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
  }
  return answer
}
