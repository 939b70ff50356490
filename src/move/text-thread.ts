import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { endThread } from '../core/end-thread.ts'
import type { Table } from '../schema/model.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import { isSmallFile } from '../sqlite/small-file.ts'
import { errorOf, resourceLimits, type ThreadFailure } from '../sqlite/thread.ts'
import type { SnapshotState, Twin } from '../sqlite/twin.ts'
import type { Range, RangesFrom } from './sqlite-ranges.ts'

/** For how long this thread stands still at the most, once for each pair of snapshots. */
const longestWaitMs = 5

export interface TextThreadData {
  readonly path: string
  readonly begun: SharedArrayBuffer
}

/** What the thread is asked. */
export type Question =
  /** Answered in memory that both share: of a `BegunSnapshot`. */
  | { readonly kind: 'begin'; readonly number: number }
  /** Those below are answered one after the other. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'open'; readonly table: Table; readonly from: RangesFrom }
  | { readonly kind: 'next' }

/** A range on its way between threads, with how many rows the one behind it will have. */
export interface SentRange extends Omit<Range, 'read' | 'text'> {
  readonly text: Uint8Array<ArrayBuffer>
  readonly rowsPerRange: number
}

/** Undefined behind the end of the table. */
export type Answer = { readonly answer: SentRange | undefined } | { readonly failed: ThreadFailure }

/** Memory that both threads see: which snapshot was begun last, by its number, and its state. */
export class BegunSnapshot {
  readonly memory: SharedArrayBuffer
  readonly #number: Int32Array
  readonly #state: BigInt64Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(24)) {
    this.memory = memory
    this.#number = new Int32Array(memory, 0, 1)
    this.#state = new BigInt64Array(memory, 8, 2)
  }

  tell(number: number, state: SnapshotState): void {
    this.#state.set(state)
    Atomics.store(this.#number, 0, number)
    Atomics.notify(this.#number, 0)
  }

  /** Blocks the thread. Undefined where it takes longer. */
  wait(number: number, ms: number): SnapshotState | undefined {
    const end = performance.now() + ms
    for (;;) {
      const seen = Atomics.load(this.#number, 0)
      if (seen === number) return [this.#state[0] as bigint, this.#state[1] as bigint]
      const left = end - performance.now()
      if (left <= 0) return undefined
      Atomics.wait(this.#number, 0, seen, left)
    }
  }
}

interface Waiting {
  readonly resolve: (answer: SentRange | undefined) => void
  readonly reject: (error: Error) => void
}

/** Writes the texts of ranges at a snapshot of its own, so that the application's thread has only to compare them. */
export class TextThread implements Twin {
  readonly #worker: Worker
  readonly #begun = new BegunSnapshot()
  readonly #waiting: Waiting[] = []
  #number = 0
  #ended: Error | undefined

  /**
   * Undefined for a small file, and where the application sets up each connection: its functions cannot go to another
   * thread, and rows may depend on them.
   */
  static async open(file: SqliteFile): Promise<TextThread | undefined> {
    if (file.isSetUp || isSmallFile(file.path)) return undefined
    const thread = new TextThread(file.path)
    try {
      await thread.#ask({ kind: 'ready' })
      return thread
    } catch (error) {
      await thread.close()
      throw error
    }
  }

  private constructor(path: string) {
    // A thread loads its file by itself, so that it runs what is built, also where its caller runs from the sources.
    const script = createRequire(import.meta.url).resolve('#built/bundle/text-worker.js')
    const workerData: TextThreadData = { path, begun: this.#begun.memory }
    this.#worker = new Worker(script, { workerData, resourceLimits })
    this.#worker.on('message', (message: Answer) => {
      const one = this.#waiting.shift()
      if ('failed' in message) one?.reject(errorOf(message.failed))
      else one?.resolve(message.answer)
    })
    const end = (error: Error): void => {
      this.#ended ??= error
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
    }
    this.#worker.on('error', end)
    this.#worker.on('exit', () => end(new Error('the thread that reads SQLite has ended')))
  }

  begin(): SnapshotState | undefined {
    this.#number += 1
    this.#post({ kind: 'begin', number: this.#number })
    return this.#begun.wait(this.#number, longestWaitMs)
  }

  /** The first range of a table, in place of the table before. */
  open(table: Table, from: RangesFrom): Promise<SentRange | undefined> {
    return this.#ask({ kind: 'open', table, from })
  }

  next(): Promise<SentRange | undefined> {
    return this.#ask({ kind: 'next' })
  }

  async close(): Promise<void> {
    await endThread(this.#worker)
  }

  #ask(question: Question): Promise<SentRange | undefined> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#post(question)
    })
  }

  #post(question: Question): void {
    this.#worker.postMessage(question, [])
  }
}
