import { sleep, within, yieldToEventLoop } from '../core/wait.ts'
import { confirm } from './confirm.ts'
import type { ShadowRead } from './read.ts'
import type { BothPlaces } from './trial.ts'
import type { Judging, Verdict } from './verdict.ts'

export interface ConfirmerOptions {
  /** Gives `work` the places at aligned snapshots that are taken after the call. */
  readonly aligned: (work: (places: BothPlaces) => Promise<void>) => Promise<void>
  readonly judging: (read: ShadowRead) => Judging
  readonly onVerdict: (read: ShadowRead, verdict: Verdict) => Promise<void>
}

/** Suspicions that wait; one more is left out, and its statement will be seen again. */
const maxWaiting = 1000
/** How many are looked at in one pair of snapshots, which should not stay open for long. */
const perAlignment = 100
/** Between two alignments, as each holds up the applier for a moment; and after one that failed. */
const pauseMs = 200
const failedMs = 2000
const stopMs = 2000

/**
 * Runs suspicions again at aligned snapshots, where no write can come in between. One alignment serves all that wait,
 * and is always taken after they differed: an older one would not have what made them differ.
 */
export class Confirmer {
  readonly #options: ConfirmerOptions
  readonly #waiting: ShadowRead[] = []
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: ConfirmerOptions) {
    this.#options = options
  }

  /** False where there is no room. */
  suspect(read: ShadowRead): boolean {
    if (this.#stop.signal.aborted || this.#waiting.length >= maxWaiting) return false
    this.#waiting.push(read)
    this.#running ??= this.#work().finally(() => (this.#running = undefined))
    return true
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#waiting.length = 0
    // A server that hangs keeps nobody from closing.
    await within(stopMs, this.#running ?? Promise.resolve()).catch(() => undefined)
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop
    while (this.#waiting.length > 0 && !signal.aborted) {
      const failed = await this.#confirm(this.#waiting.splice(0, perAlignment))
      await sleep(failed ? failedMs : pauseMs, signal).catch(() => undefined)
    }
  }

  async #confirm(reads: readonly ShadowRead[]): Promise<boolean> {
    const { aligned, judging, onVerdict } = this.#options
    const verdicts = new Map<ShadowRead, Verdict>()
    let failure: unknown
    try {
      await aligned(async (places) => {
        for (const read of reads) {
          if (this.#stop.signal.aborted) return
          verdicts.set(read, await confirm(read.subject, read, places, judging(read)))
          await yieldToEventLoop()
        }
      })
    } catch (error) {
      // No aligned snapshots now (a flip, an outage, a change of the schema): nothing is known, so nothing is said.
      failure = error
      verdicts.clear()
    }
    if (this.#stop.signal.aborted) return true
    // Behind the snapshots: who changes a table that they have read waits for them, and holds what is written here.
    for (const read of reads)
      await onVerdict(read, verdicts.get(read) ?? unknown(failure)).catch((error: unknown) =>
        onVerdict(read, unknown(error)),
      )
    return failure !== undefined
  }
}

function unknown(failure: unknown): Verdict {
  return { kind: 'unknown', reason: String(failure), away: false }
}
