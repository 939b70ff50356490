import type pg from 'pg'
import type { PlaceName } from '../place/place.ts'
import type { Connection } from '../sqlite/connection.ts'
import type { Twin } from '../sqlite/twin.ts'
import { align, type AlignedSnapshots, type AlignOptions } from './align.ts'

/**
 * Aligned snapshots that are taken anew once they are old: an open snapshot keeps SQLite from emptying its
 * WAL and PostgreSQL from removing dead rows.
 */
export class AlignedView {
  readonly #take: () => Promise<AlignedSnapshots>
  readonly #maxAgeMs: number
  #snapshots: AlignedSnapshots | undefined
  #taken = 0

  private constructor(take: () => Promise<AlignedSnapshots>, maxAgeMs: number) {
    this.#take = take
    this.#maxAgeMs = maxAgeMs
  }

  /** @param primary asked for again with each snapshot, as it may move meanwhile */
  static async open(
    primary: () => PlaceName,
    options: AlignOptions,
    maxAgeMs: number,
    twin?: Twin,
  ): Promise<AlignedView> {
    const view = new AlignedView(() => align(primary(), options, twin), maxAgeMs)
    await view.renew()
    return view
  }

  get sqlite(): Connection {
    return this.#open().sqlite
  }

  get postgres(): pg.Client {
    return this.#open().postgres
  }

  /** Whether the snapshot of the twin holds the same as `sqlite`. */
  get hasTwin(): boolean {
    return this.#open().hasTwin
  }

  get isOld(): boolean {
    return performance.now() - this.#taken > this.#maxAgeMs
  }

  async renew(): Promise<void> {
    await this.release()
    this.#snapshots = await this.#take()
    this.#taken = performance.now()
  }

  async release(): Promise<void> {
    const snapshots = this.#snapshots
    this.#snapshots = undefined
    await snapshots?.release()
  }

  #open(): AlignedSnapshots {
    if (this.#snapshots === undefined) throw new Error('The snapshots have been released')
    return this.#snapshots
  }
}
