import type { Connection } from './connection.ts'

/** Another connection to the file, in another thread, whose snapshot is to hold what that of the first one does. */
export interface Twin {
  /**
   * Opens a snapshot, in place of the one before, while this thread waits: nothing of this process is written meanwhile.
   * Undefined where it is not there in some milliseconds.
   */
  begin(): SnapshotState | undefined
}

/** The newest entry of the journal, and how many changes of the schema SQLite has counted. */
export type SnapshotState = readonly [seq: bigint, schemaVersion: bigint]

export function snapshotState(db: Connection): SnapshotState {
  const seq = db.prepare('SELECT max(seq) FROM _lockstep_journal').pluck().safeIntegers().get()
  const schemaVersion = db.pragma('schema_version', { simple: true }) as number
  return [(seq as bigint | null) ?? 0n, BigInt(schemaVersion)]
}

/**
 * Whether the mirrored tables are the same in the twin's snapshot: the journal has each change of their rows, and its
 * newest entry stays.
 */
export function isTwin(db: Connection, state: SnapshotState | undefined): boolean {
  const own = snapshotState(db)
  return own[0] === state?.[0] && own[1] === state[1]
}
