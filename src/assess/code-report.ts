import type { UnreadFile } from './sql-report.ts'

/** A place of a program that is another one with Lockstep. */
export interface CodePlace {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** `opens`: it opens SQLite. `synchronous`: it takes the answer of a call without waiting for it. */
  readonly kind: 'opens' | 'synchronous'
  /** The text that was found, in one line and cut short. */
  readonly found: string
  /** What is written there instead. */
  readonly change: string
}

export interface CodeReport {
  /** How many programs were read. */
  readonly files: number
  readonly places: CodePlace[]
  readonly unread: UnreadFile[]
}
