interface Waiter {
  readonly token: bigint
  readonly resolve: (reached: boolean) => void
  readonly timer: NodeJS.Timeout
}

/** How often a process that does not apply itself looks whether the one that does has come far enough. */
const pollMs = 2

/**
 * How far the secondary has come, and who waits for it. The process that applies is told directly; the
 * others read the control record, which stands in the SQLite file that all of them share.
 */
export class Progress {
  readonly #read: () => bigint
  #waiters: Waiter[] = []
  #reached = 0n
  #timer: NodeJS.Timeout | undefined

  constructor(read: () => bigint) {
    this.#read = read
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** Whether the secondary holds everything up to the token. */
  has(token: bigint): boolean {
    if (this.#reached >= token) return true
    this.advance(this.#read())
    return this.#reached >= token
  }

  /** True once the secondary holds everything up to the token; false when `timeoutMs` was over before. */
  wait(token: bigint, timeoutMs: number): Promise<boolean> {
    if (this.has(token)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        token,
        resolve,
        timer: setTimeout(() => this.#giveUp(waiter), timeoutMs),
      }
      this.#waiters.push(waiter)
      this.#timer ??= setInterval(() => this.advance(this.#read()), pollMs)
    })
  }

  advance(reached: bigint): void {
    if (reached > this.#reached) this.#reached = reached
    if (this.#waiters.length === 0) return
    const done = this.#waiters.filter((waiter) => waiter.token <= this.#reached)
    if (done.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => waiter.token > this.#reached)
    for (const waiter of done) {
      clearTimeout(waiter.timer)
      waiter.resolve(true)
    }
    this.#rest()
  }

  /** Everyone who waits gives up now: the secondary is away, and waiting longer would not help. */
  abandon(): void {
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer)
      waiter.resolve(false)
    }
    this.#waiters = []
    this.#rest()
  }

  #giveUp(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    waiter.resolve(false)
    this.#rest()
  }

  #rest(): void {
    if (this.#waiters.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
