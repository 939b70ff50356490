import type * as archive from '../steps/archive.ts'
import type { AssessOptions, AssessReport, Lockstep } from '../api.ts'
import type { DoctorReport } from '../steps/doctor-report.ts'
import type { AdminServer, ServeOptions } from '../admin/serve.ts'
import type { LockstepOptions } from '../options/options.ts'
import type { DemoArguments, DemoResult } from './commands/demo.ts'

/** Copies for keeping, and their way back. */
export type Archive = Pick<typeof archive, 'backup' | 'restore' | 'exportRows'>

/** What the program reaches of the outside; tests pass their own. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
  /** Ends long commands in good order; `lockstep run` lasts until then. */
  readonly signal: AbortSignal
  /** Who the audit log says has asked for a change. */
  readonly actor: string
  /** Asks on the terminal; undefined where nobody is there to answer. */
  readonly confirm?: (question: string) => Promise<boolean>
  readonly createLockstep: (options: LockstepOptions) => Promise<Lockstep>
  /** Needs neither an install nor PostgreSQL, which createLockstep does. */
  readonly assess: (options: LockstepOptions, settings: AssessOptions) => Promise<AssessReport>
  /** The same is true of these. */
  readonly archive: () => Promise<Archive>
  /** Needs none of the databases: what it cannot open is a part of what it says. */
  readonly doctor: (options: LockstepOptions) => Promise<DoctorReport>
  readonly serveAdmin: (db: Lockstep, options: ServeOptions) => Promise<AdminServer>
  readonly runDemo: (options: DemoArguments) => Promise<DemoResult>
}

/** What a command leaves: a document for `--json`, the same in words, and how it exits. */
export interface Outcome {
  readonly document: unknown
  readonly text: string
  /** 0 done, equal or ready; 1 failed; 3 not equal, not ready or refused. Default 0. */
  readonly exitCode?: number
  /** The work has written its result itself. */
  readonly printed?: boolean
}

export interface OpenOptions {
  /** Whether this process may ship batches meanwhile; the configuration decides where it is left out. */
  readonly applier?: boolean
  /** False goes on without a good flags file, which the command then tells. Default true. */
  readonly flagsRequired?: boolean
}

/** What the commands share. */
export interface Cli {
  readonly environment: Environment
  globals(): { readonly config?: string; readonly json: boolean; readonly quiet: boolean }
  /** Runs the work and prints its outcome. */
  report(work: () => Promise<Outcome>): Promise<void>
  /** The same over an open database, which is closed afterwards. */
  withLockstep(work: (db: Lockstep) => Promise<Outcome>, options?: OpenOptions): Promise<void>
  /** A line on standard error; nothing with `--quiet`. On a terminal a `passing` line is overwritten. */
  progress(line: string, passing?: boolean): void
}
