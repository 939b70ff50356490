import type { Finding } from '../schema/model.ts'
import type { SyncObstacle } from '../schema/sync-plan.ts'

export interface InstallReport {
  tables: string[]
  findings: Finding[]
}

export interface SchemaReport {
  /** The statements that were run, in order. */
  statements: string[]
  findings: Finding[]
}

export interface SchemaSyncReport {
  /** False where it was only looked. */
  applied: boolean
  /** The tables whose schema in the SQLite file is not the installed one. */
  sqlite: string[]
  /** What brings PostgreSQL to the model, in order. With `sqlite` empty too, everything is in step. */
  statements: string[]
  /** What is not done by itself, with the way out; nothing is changed while there is any. */
  obstacles: SyncObstacle[]
  /** The tables whose rows are shipped again. */
  shipped: string[]
  findings: Finding[]
}

export interface BackfillOptions {
  onProgress?: (progress: BackfillProgress) => void
  signal?: AbortSignal
}
export interface BackfillProgress {
  phase: 'copy' | 'keys' | 'catch-up' | 'indexes' | 'sequences' | 'done'
  table: string | null
  /** Rows copied so far, and the rows counted at the start: an estimate while writes go on. */
  rows: number
  total: number
  /** Over the last ten seconds; 0 where nothing is copied. */
  rowsPerSecond: number
  /** Until the copy is complete, at that speed; null where it cannot be told. */
  timeLeftMs: number | null
  /** Why it waits, or null: the throttle, or PostgreSQL, which others need more. */
  waiting: string | null
}
export interface BackfillReport {
  /** Of each table the rows that have come to PostgreSQL, and those that could not. */
  tables: { table: string; rows: number; quarantined: number; ms: number }[]
  ms: number
  /** Indexes that PostgreSQL refused, and the like. */
  findings: Finding[]
}
