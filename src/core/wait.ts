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

/** Reads once for all that ask in the same turn of the event loop. */
export function oncePerTurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => {
    if (known === undefined) {
      known = { value: read() }
      process.nextTick(() => (known = undefined))
    }
    return known.value
  }
}

/** Fails, with `late()`, when the promise has not settled after `ms`; what it stands for may go on. */
export async function within<T>(
  ms: number,
  promise: Promise<T>,
  late: () => Error = () => new Error(`no end after ${ms} ms`),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([promise, end])
  } finally {
    clearTimeout(timer)
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

  /** Whether somebody waits for it. */
  get wanted(): boolean {
    return this.#waiting.length > 0
  }

  async run<T>(work: () => T | Promise<T>): Promise<T> {
    await this.#acquire()
    try {
      return await work()
    } finally {
      this.#release()
    }
  }

  /** Waits for its turn and keeps it until the function that it gives is called. */
  async hold(): Promise<() => void> {
    await this.#acquire()
    return () => this.#release()
  }

  async #acquire(): Promise<void> {
    if (!this.#held) {
      this.#held = true
      return
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      throw queueFull(this.#maxWaiting)
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

export function queueFull(maxWaiting: number): LockstepError {
  return new LockstepError(
    'WRITE_QUEUE_FULL',
    `${maxWaiting} writes are waiting already; this one was not begun. ` +
      'Shorten the transactions that hold the database, or raise writes.maxHeld',
  )
}
