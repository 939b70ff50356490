import { LockstepError } from './errors.ts'

/** Resolves after `ms`; at once, with a rejection, when the signal aborts. The timer holds no process open. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error)
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Lets timers and sockets run before the caller goes on. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/**
 * Polls `probe` every `everyMs` until it returns something other than undefined, or `timeoutMs` is over;
 * then the result is undefined.
 */
export async function poll<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  everyMs: number,
  timeoutMs: number,
): Promise<T | undefined> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() >= until) return undefined
    await sleep(everyMs)
  }
}

/** One caller at a time, in order of arrival, at most `maxWaiting` of them. */
export class Mutex {
  readonly #waiting: (() => void)[] = []
  readonly #maxWaiting: number
  #held = false

  constructor(maxWaiting: number = Number.POSITIVE_INFINITY) {
    this.#maxWaiting = maxWaiting
  }

  get free(): boolean {
    return !this.#held
  }

  async run<T>(work: () => T | Promise<T>): Promise<T> {
    await this.#acquire()
    try {
      return await work()
    } finally {
      this.#release()
    }
  }

  async #acquire(): Promise<void> {
    if (!this.#held) {
      this.#held = true
      return
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new LockstepError(
        'WRITE_QUEUE_FULL',
        `${this.#maxWaiting} writes are waiting already; this one was not begun. ` +
          'Shorten the transactions that hold the database, or raise writes.maxHeld',
      )
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Hands over without letting go, so that nobody overtakes the queue. */
  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#held = false
    else next()
  }
}
