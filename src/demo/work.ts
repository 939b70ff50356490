import type { Lockstep, Params } from '../api.ts'
import type { Effect } from './ledger.ts'

/** The part of Lockstep that an application uses; anything with these calls can take the traffic. */
export type TrafficDatabase = Pick<Lockstep, 'all' | 'get' | 'run' | 'transaction' | 'session'>

/** One thing that the application does, as a whole or not at all. */
export interface Work {
  readonly name: string
  /** What is known beforehand of what it will do; used where its outcome stays unknown. */
  readonly intended: readonly Effect[]
  /**
   * Every value was drawn before, and nothing outside of the database changes: a transaction may be run
   * again. Gives what was done.
   */
  run(db: TrafficDatabase): Promise<readonly Effect[]>
  /** Called once, after the acknowledgement. */
  done(effects: readonly Effect[]): void
  /** The writer leaves the rows alone from here on. */
  failed(): void
}

/** An endless source of work on rows that no other writer touches; null where it has nothing to do now. */
export interface Writer {
  next(): Work | null
}

export interface Read {
  readonly name: string
  readonly sql: string
  readonly params: Params
}

/** An endless source of reads. */
export interface Reader {
  next(): Read | null
}
