import type { Table } from '../schema/model.ts'
import type { KeyValues, Row } from '../values/value.ts'

export type PlaceName = 'sqlite' | 'postgres'

/**
 * The control record that stands in each database.
 *
 *   open ──> draining ──> committing ──> moved        the place that gives the primary away
 *     ^─────────┘             │
 *     ^───────────────────────┘  only after the other side refused the commit point for good
 *   moved ──> open                                    the place that receives it, one epoch later
 *
 * Rules: every change is a compare-and-set on (epoch, state, attempt); the place with the higher epoch
 * is right; a place takes application writes exactly while it is primary and `open`.
 */
export interface Control {
  /** Names the pair of databases, so that one file is never mirrored to the wrong server. */
  readonly migration: string
  readonly epoch: number
  readonly primary: PlaceName
  readonly state: ControlState
  /** Names the flip under way, so that a stalled flip cannot go on with another one's states. */
  readonly attempt: string
  /** When the flip under way may be cancelled by anyone, in milliseconds since 1970. */
  readonly deadlineMs: number
}

/** How the attempt is named that made SQLite the primary without what a lost PostgreSQL had last. */
export const lossPrefix = 'loss:'

export type ControlState = 'open' | 'draining' | 'committing' | 'moved'

/** What changed in one table between two states of the primary. */
export interface TableChange {
  readonly table: Table
  /** Whole rows, in the order of `shippedColumns`. */
  readonly upserts: readonly Row[]
  /** Keys of rows that are no longer there. */
  readonly deletes: readonly KeyValues[]
  /** Rows that are there and that their own place cannot give faithfully. */
  readonly unreadable: readonly UnreadableRow[]
}

export interface UnreadableRow {
  readonly key: KeyValues
  readonly column: string
  readonly reason: string
}

/** Journal entries of the primary, with the rows that they name, read in one snapshot. */
export interface Batch {
  readonly epoch: number
  readonly changes: readonly TableChange[]
  /** How many journal entries the batch covers. */
  readonly entries: number
  readonly bytes: number
  /** True when the batch empties the journal of its snapshot: the secondary then equals that snapshot. */
  readonly complete: boolean
  /** Everything the primary committed up to this token is in the snapshot. */
  readonly token: bigint
  /** The highest keys that AUTOINCREMENT tables have given in the snapshot; none of PostgreSQL's. */
  readonly counters: ReadonlyMap<string, bigint>
  /** Every entry read since `open` or `rewind`, in the source's own terms; given back to `discard`. */
  readonly receipt: unknown
}

export interface BatchLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** The primary's side of the applier. */
export interface Source {
  /** Opens a read snapshot. The position of the target must have been read before. */
  open(): Promise<SourceSnapshot>
  /**
   * Removes exactly the entries of a batch that the target has committed.
   * @param quarantined rows of it that the target could not take, which whoever waits for it must learn with it
   */
  discard(batch: Batch, quarantined: number): Promise<void>
}

export interface SourceSnapshot {
  /** Reads the next entries of the journal and their rows; calls go on where the last one ended. */
  read(limits: BatchLimits): Promise<Batch>
  /** Lets `read` begin again with the oldest entry. */
  rewind(): void
  close(): Promise<void>
}

/** The secondary's side of the applier. */
export interface Target {
  /** The number of the last batch committed here; the compare-and-set that keeps stale appliers out. */
  position(): Promise<bigint>
  /**
   * Makes the rows equal to the batch in one transaction that also moves the position from
   * `expected` to `expected + 1`. Throws `StalePositionError` where someone else was faster.
   */
  apply(batch: Batch, expected: bigint): Promise<ApplyResult>
  /**
   * The slow way for what `apply` refused with `RowRefusedError`: every changed row leaves before any
   * comes in, over the whole journal of the snapshot and in one transaction, as only all of its entries
   * together are free of conflicts. A row that is refused even then goes to quarantine.
   */
  applyWhole(snapshot: SourceSnapshot, limits: BatchLimits, expected: bigint): Promise<WholeResult>
}

export interface WholeResult extends ApplyResult {
  /** The last batch read: its receipt covers the whole journal of the snapshot. */
  readonly batch: Batch
}

export interface ApplyResult {
  readonly quarantined: number
}

/** Another applier moved the position, or a flip changed the epoch: read it again and start over. */
export class StalePositionError extends Error {
  override readonly name = 'StalePositionError'
}

/** A row met a constraint of the secondary, perhaps only because rows swapped a unique value. */
export class RowRefusedError extends Error {
  override readonly name = 'RowRefusedError'
}

/** A row that the secondary cannot take. Values are never part of it. */
export interface QuarantineEntry {
  readonly table: string
  readonly key: string
  readonly column: string | null
  readonly reason: string
}

/** A row that is in quarantine, and since when, in milliseconds since 1970. */
export interface QuarantinedRow extends QuarantineEntry {
  readonly atMs: number
}
