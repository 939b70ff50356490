import { yieldToEventLoop } from '../core/wait.ts'

/** Work in short slices. */
export interface Compaction {
  /** One slice; resolves with whether there is more to do at once. */
  step(): Promise<boolean>
}

export interface CompactorOptions {
  /** What to compact now, and how long to rest between two looks; null while there is nothing. */
  readonly work: () => { readonly compaction: Compaction; readonly restMs: number } | null
  readonly onError: (error: Error) => void
}

const idleMs = 200

/**
 * Looks now and then whether a journal has grown beyond its bound. Every process does it, leader or not:
 * while PostgreSQL is away nobody leads, and that is when a journal grows.
 */
export class Compactor {
  readonly #options: CompactorOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #stopped = true

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#rest(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #rest(ms: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#running = this.#turn()
    }, ms).unref()
  }

  async #turn(): Promise<void> {
    let restMs = idleMs
    try {
      const work = this.#options.work()
      if (work !== null) {
        while (!this.#stopped && (await work.compaction.step())) await yieldToEventLoop()
        ;({ restMs } = work)
      }
    } catch (error) {
      this.#options.onError(error as Error)
    }
    this.#rest(restMs)
  }
}
