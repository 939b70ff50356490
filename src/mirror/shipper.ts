import { LockstepError } from '../core/errors.ts'
import { Mutex } from '../core/wait.ts'
import {
  RowRefusedError,
  StalePositionError,
  type Batch,
  type BatchLimits,
  type PlaceName,
  type Source,
  type SourceSnapshot,
  type Target,
} from '../place/place.ts'
import type { Reach } from '../core/pause-points.ts'

/** The two ends of one direction. */
export interface Direction {
  readonly source: Source
  readonly target: Target
}

export interface Shipment {
  readonly entries: number
  /** The secondary equals the snapshot that was shipped. */
  readonly complete: boolean
  readonly token: bigint
  readonly quarantined: number
}

interface Shipped {
  readonly snapshot: SourceSnapshot
  readonly batch: Batch
  readonly shipment: Shipment
}

/** Looks at batches of SQLite on their way. Nothing that it does may fail. */
export interface BatchObserver {
  /** The secondary is at the position, and the batch waits. */
  before(batch: Batch, position: bigint): Promise<void>
  /** The secondary has the batch, and is at the position. */
  shipped(batch: Batch, position: bigint): void
}

/** Set once there is one; work of another kind than the applier's has an observer of its own. */
export type FindObserver = (isApplier: boolean) => BatchObserver | undefined

export interface ShipperOptions {
  readonly directions: Readonly<Record<PlaceName, Direction>>
  readonly limits: BatchLimits
  readonly reach: Reach
  /** Called before each batch; throws where the schema or the pair is not what was installed. */
  readonly check: () => Promise<void>
  /** The secondary holds everything of the primary up to the token. */
  readonly onApplied: (primary: PlaceName, token: bigint) => void
  readonly observer?: () => BatchObserver | undefined
  /** Closes the connections of the directions. */
  readonly close: () => void
}

/**
 * Ships one batch: reads the position, then opens a snapshot of the primary, makes the secondary equal
 * to it, and removes from the journal what was shipped. The order is the proof: a snapshot that is
 * opened after the position was read is newer than everything applied up to that position, and the
 * compare-and-set on the position fails where anyone else has applied since. Any process may ship at
 * any time; the leader only keeps the others from doing the same work.
 */
export class Shipper {
  readonly #options: ShipperOptions
  readonly #mutex = new Mutex()
  /** The position as this shipper left it, by primary; read anew after every failure. */
  readonly #positions = new Map<PlaceName, bigint>()
  #unpublished = true
  #appliedAt = Number.NEGATIVE_INFINITY

  constructor(options: ShipperOptions) {
    this.#options = options
  }

  /** Ships one batch from `primary`. Throws `StalePositionError` where someone else was faster. */
  async ship(primary: PlaceName): Promise<Shipment> {
    return this.#mutex.run(async () => {
      const shipped = await this.#ship(primary, 'close')
      await this.#discard(primary, shipped)
      return shipped.shipment
    })
  }

  /** Lets its connections go, once nothing is shipped any more and no snapshot is held. */
  close(): void {
    this.#options.close()
  }

  /** Lets no batch begin until the function that it gives is called; waits for the one under way. */
  pause(): Promise<() => void> {
    return this.#mutex.hold()
  }

  /** Ships until the secondary equals a snapshot, and leaves that snapshot open to the caller. */
  async shipAndHold(primary: PlaceName): Promise<SourceSnapshot> {
    return this.#mutex.run(async () => {
      for (let round = 0; round < maxRounds; round++) {
        const shipped = await this.#retryStale(() => this.#ship(primary, 'hold'))
        if (shipped.shipment.complete) return shipped.snapshot
        await shipped.snapshot.close()
        await this.#discard(primary, shipped)
      }
      throw new LockstepError(
        'CAUGHT_UP_TIMEOUT',
        'The secondary does not catch up: writes come faster than they can be applied',
      )
    })
  }

  /** Ships until the secondary has equalled one snapshot that was taken after the call. */
  async catchUp(primary: PlaceName, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      if ((await this.#retryStale(() => this.ship(primary))).complete) return
    }
  }

  /** Ships until a snapshot has nothing left to ship; the number of entries that went over. */
  async drain(primary: PlaceName, signal?: AbortSignal): Promise<number> {
    let drained = 0
    for (;;) {
      signal?.throwIfAborted()
      const { entries, complete } = await this.#retryStale(() => this.ship(primary))
      drained += entries
      if (complete && entries === 0) return drained
    }
  }

  async #retryStale<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof StalePositionError) || attempt === maxStale) throw error
      }
    }
  }

  async #ship(primary: PlaceName, then: 'close' | 'hold'): Promise<Shipped> {
    const { source, target } = this.#options.directions[primary]
    const { limits, reach, check, onApplied } = this.#options
    const observer = primary === 'sqlite' ? this.#options.observer?.() : undefined
    try {
      await check()
      const expected = this.#positions.get(primary) ?? (await target.position())
      let snapshot = await source.open()
      try {
        await reach('ship:snapshot-open')
        let batch = await snapshot.read(limits)
        // While one is open SQLite's log cannot start over, and every commit would try to shorten it.
        if (then === 'close') await snapshot.close()
        let quarantined = 0
        let position = expected
        if (batch.entries > 0 || this.#isPublishDue(primary, batch)) {
          await reach('ship:before-apply')
          await observer?.before(batch, expected)
          try {
            ;({ quarantined } = await target.apply(batch, expected))
          } catch (error) {
            if (!(error instanceof RowRefusedError)) throw error
            if (then === 'close') snapshot = await source.open()
            else snapshot.rewind()
            ;({ batch, quarantined } = await target.applyWhole(snapshot, limits, expected))
            if (then === 'close') await snapshot.close()
          }
          position = expected + 1n
          this.#positions.set(primary, position)
          this.#unpublished = true
          this.#appliedAt = performance.now()
          await reach('ship:applied')
        }
        observer?.shipped(batch, position)
        const { entries, complete, token } = batch
        // Who waits learns of rows in quarantine from the control record, which has them with the discard.
        if (complete && quarantined === 0) onApplied(primary, token)
        return { snapshot, batch, shipment: { entries, complete, token, quarantined } }
      } catch (error) {
        await snapshot.close().catch(() => undefined)
        throw error
      }
    } catch (error) {
      this.#positions.clear()
      throw error
    }
  }

  /** An idle reverse mirror still says now and then, in the SQLite file, that it is not behind. */
  #isPublishDue(primary: PlaceName, batch: Batch): boolean {
    return (
      primary === 'postgres' && batch.complete && performance.now() - this.#appliedAt > heartbeatMs
    )
  }

  /** Nothing is written where nothing was shipped, so an idle mirror leaves the disk alone. */
  async #discard(primary: PlaceName, { batch, shipment }: Shipped): Promise<void> {
    if (batch.entries === 0 && !(this.#unpublished && batch.complete)) return
    await this.#options.reach('ship:before-discard')
    await this.#options.directions[primary].source.discard(batch, shipment.quarantined)
    this.#unpublished = !batch.complete
    await this.#options.reach('ship:discarded')
  }
}

/** How often an idle reverse mirror writes down that it is up to date. */
export const heartbeatMs = 1000

/** How often a loser of the race for the position tries again before it reports it. */
const maxStale = 100
/** How many batches an alignment may ship before it gives up. */
const maxRounds = 10_000
