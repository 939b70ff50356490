import { isLockstepError, messageOf } from '../core/errors.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import { StalePositionError, type PlaceName } from '../place/place.ts'
import { sqliteError } from '../sqlite/errors.ts'
import type { Breaker } from './breaker.ts'
import type { Progress } from './progress.ts'
import type { Shipper } from './shipper.ts'

/** The part of a session that elects one applier among all processes. */
export interface Leadership {
  readonly leader: boolean
  tryLead(): Promise<boolean>
  resign(): Promise<void>
  /** Gives the connection up, whatever state it is in; the next try makes a new one. */
  drop(): Promise<void>
}

export interface ApplierOptions {
  /** False leaves the work to other processes: `start` does nothing. */
  readonly enabled: boolean
  readonly shipper: Shipper
  readonly leadership: Leadership
  readonly breaker: Breaker
  /** Who waits for what, by primary. */
  readonly progressOf: (primary: PlaceName) => Progress
  /** The primary to ship from; null while there is nothing to do, with the reason. */
  readonly work: () => { primary: PlaceName } | { idle: string }
  /** A cheap look for changes of the primary; false lets the applier rest for one more interval. */
  readonly changed: (primary: PlaceName) => boolean
  readonly idlePollMs: number
  readonly leaderPollMs: number
  readonly onLeader: (leader: boolean) => void
  readonly onError: (error: Error) => void
}

export type ApplierState = 'idle' | 'applying' | 'waiting' | 'stopped'

/**
 * The loop that keeps the secondary equal to the primary, in the one process that leads.
 *
 *   stopped ──start──> waiting ──leads──> applying <──> idle
 *                         ^────lost the lead, breaker open, schema drift, nothing to do
 *
 * A failure never reaches a caller of the application: the journal keeps the keys, and the loop tries
 * again after the breaker's pause, for as long as the process lives.
 */
export class Applier {
  readonly #options: ApplierOptions
  #state: ApplierState = 'stopped'
  #reason: string | null = null
  #failure: string | null = null
  #woken = false
  #wake: (() => void) | undefined
  #kick: (() => void) | undefined
  #running: Promise<void> | undefined
  #batches = 0
  #rows = 0

  constructor(options: ApplierOptions) {
    this.#options = options
  }

  get status(): {
    leader: boolean
    running: boolean
    state: ApplierState
    reason: string | null
    batches: number
    rows: number
  } {
    return {
      leader: this.#options.leadership.leader,
      running: this.#state === 'idle' || this.#state === 'applying',
      state: this.#state,
      reason: this.#reason,
      batches: this.#batches,
      rows: this.#rows,
    }
  }

  /** What the last try failed of; null where it did not, or nothing is to be done here. */
  get failure(): string | null {
    return this.#failure
  }

  start(): void {
    if (!this.#options.enabled || this.#running !== undefined) return
    this.#state = 'waiting'
    this.#running = this.#loop()
  }

  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.wake()
    await this.#running
    this.#running = undefined
    await this.#options.leadership.resign().catch(() => undefined)
  }

  /** Something was written: ship without waiting for the next look. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** There is work where there was none before: look at once, whatever the rest was for. */
  kick(): void {
    this.#woken = true
    this.#kick?.()
  }

  async #loop(): Promise<void> {
    while (!this.#stopped()) {
      await this.#rest(await this.#step())
    }
  }

  #stopped(): boolean {
    return this.#state === 'stopped'
  }

  /** One turn of the loop; how long to rest afterwards. */
  async #step(): Promise<Rest> {
    const { leadership, breaker, leaderPollMs } = this.#options
    const work = this.#work()
    if (work instanceof Error) return this.#tell(work)
    if ('idle' in work) return this.#wait(work.idle, leaderPollMs, null)
    try {
      const led = leadership.leader
      if (!(await leadership.tryLead())) {
        // The server has answered; nothing else would close the breaker of a process that never applies.
        breaker.succeeded()
        return this.#wait('another process applies', leaderPollMs, null)
      }
      if (!led) this.#options.onLeader(true)
      return await this.#ship(work.primary, !led)
    } catch (error) {
      // Another process applies, or PostgreSQL is not yet ready to receive after a flip.
      if (error instanceof StalePositionError) return { ms: staleRestMs, wakeable: false }
      if (isLockstepError(error)) return this.#tell(error)
      await leadership.drop()
      const pauseMs = breaker.failed(messageOf(error))
      this.#options.progressOf(work.primary).abandon()
      return this.#wait(messageOf(error), pauseMs)
    }
  }

  /** A file that is damaged, or not ours any more, has no control record to read. */
  #work(): ReturnType<ApplierOptions['work']> | Error {
    try {
      return this.#options.work()
    } catch (error) {
      return sqliteError(error)
    }
  }

  /** Once, for as long as it goes on. */
  #tell(error: Error): Rest {
    if (error.message !== this.#reason) this.#options.onError(error)
    return this.#wait(error.message, this.#options.leaderPollMs)
  }

  async #ship(primary: PlaceName, first: boolean): Promise<Rest> {
    const { shipper, breaker, changed, idlePollMs } = this.#options
    if (!first && !this.#woken && this.#state === 'idle' && !changed(primary)) {
      return { ms: idlePollMs, wakeable: true }
    }
    this.#become('applying')
    this.#woken = false
    const { entries, complete } = await shipper.ship(primary)
    breaker.succeeded()
    if (entries > 0) {
      this.#batches++
      this.#rows += entries
    }
    if (!complete) return oneTurn
    this.#become('idle')
    return { ms: idlePollMs, wakeable: true }
  }

  #become(state: 'applying' | 'idle'): void {
    if (this.#stopped()) return
    this.#state = state
    this.#reason = null
    this.#failure = null
  }

  #wait(reason: string, ms: number, failure: string | null = reason): Rest {
    this.#failure = failure
    if (!this.#stopped()) this.#state = 'waiting'
    this.#reason = reason
    return { ms, wakeable: false }
  }

  #rest({ ms, wakeable }: Rest): Promise<void> {
    if (this.#stopped()) return Promise.resolve()
    if (ms === 0 || (wakeable && this.#woken)) return yieldToEventLoop()
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.#wake = undefined
        this.#kick = undefined
        resolve()
      }
      const timer = setTimeout(finish, ms)
      this.#kick = finish
      this.#wake = () => {
        if (!wakeable && !this.#stopped()) return
        this.#wake = undefined
        // A turn later, so that every write of this turn goes into the same batch.
        setImmediate(finish)
      }
    })
  }
}

interface Rest {
  readonly ms: number
  /** Whether a write ends the rest early. */
  readonly wakeable: boolean
}

/** How long to leave a position alone that someone else has just moved. */
const staleRestMs = 5

const oneTurn: Rest = { ms: 0, wakeable: true }
