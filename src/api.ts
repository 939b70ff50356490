import type { AdvanceReport } from './steps/advance.ts'
import type { AutopilotEvent } from './steps/autopilot.ts'
import type { AssessOptions, AssessReport } from './steps/assess-report.ts'
import type { BackupOptions, BackupReport } from './move/backup.ts'
import type { ExportOptions, ExportReport } from './move/export.ts'
import type { Flags, FlagsPatch, Stage } from './route/flags.ts'
import type { SessionHandle, SessionOptions } from './route/session.ts'
import type { FallbackKind } from './route/secondary-reads.ts'
import type { FlagsSource } from './route/flags-store.ts'
import type { PlaceName, ControlState, QuarantineEntry, QuarantinedRow } from './place/place.ts'
import type { MendedDivergence } from './steps/mending.ts'
import type { Divergence, DivergenceState } from './shadow/divergence.ts'
import type { RehearsalCounters } from './shadow/rehearsal.ts'
import type { ShadowCounters } from './shadow/shadow.ts'
import type { AuditEntry, AuditedRequest } from './sqlite/audit.ts'
import type { SyncObstacle } from './schema/sync-plan.ts'
import type { StatementPlan } from './traffic/statement-plan.ts'
import type { StatementReport, StatementsOptions } from './traffic/statements.ts'
import type { RepairReport, VerifyOptions, VerifyReport } from './steps/verify-report.ts'
import type { Finding } from './schema/model.ts'
import type {
  BackfillOptions,
  BackfillReport,
  InstallReport,
  SchemaReport,
  SchemaSyncReport,
} from './steps/carry-report.ts'

/** What SQLite answers, whichever place serves: docs of `safeIntegers` say when integers are bigint. */
export type SqlValue = null | number | bigint | string | Buffer
/** An array for `?` and `?1`; an object for `:a`, `@a` and `$a`. */
export type Params = readonly unknown[] | Readonly<Record<string, unknown>>

export interface RunResult {
  changes: number
  /**
   * Of the row that the connection inserted last. On PostgreSQL reading it throws `ROWID_UNKNOWN` where that row is of a
   * table whose key is no INTEGER PRIMARY KEY; it is not enumerable then.
   */
  lastInsertRowid: number | bigint
}

/** The calls that a database and a transaction share. */
export interface Queryable {
  /** Rows as objects. */
  all<T = Record<string, SqlValue>>(sql: string, params?: Params): Promise<T[]>
  /** The first row, or undefined. */
  get<T = Record<string, SqlValue>>(sql: string, params?: Params): Promise<T | undefined>
  /** Rows as arrays. */
  values<T extends unknown[] = SqlValue[]>(sql: string, params?: Params): Promise<T[]>
  run(sql: string, params?: Params): Promise<RunResult>
  /** Several statements, no parameters; of `db` those from BEGIN to COMMIT are one transaction, undone whole where one fails. */
  exec(script: string): Promise<void>
  prepare(sql: string): PreparedStatement
}

/** better-sqlite3's argument rules: positional values, one array, or one object of named values. */
export interface PreparedStatement {
  all<T = Record<string, SqlValue>>(...params: unknown[]): Promise<T[]>
  get<T = Record<string, SqlValue>>(...params: unknown[]): Promise<T | undefined>
  values<T extends unknown[] = SqlValue[]>(...params: unknown[]): Promise<T[]>
  run(...params: unknown[]): Promise<RunResult>
}

export interface TransactionOptions {
  /** SQLite's BEGIN mode. PostgreSQL runs SERIALIZABLE whatever it says. Default `immediate`. */
  mode?: 'deferred' | 'immediate' | 'exclusive'
}

export type { Stage }

export interface Lockstep extends Queryable, AsyncDisposable {
  /**
   * Commits when `work` resolves, rolls back when it throws. On PostgreSQL a serialization failure
   * runs `work` again, so it must not have effects outside of `tx`.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** One transaction. */
  batch(statements: readonly { sql: string; params?: Params }[]): Promise<RunResult[]>
  /**
   * Inside `work` a session reads its own writes, and `key` decides where its reads go. With the `token` of an earlier session, of
   * any process, it reads the writes of that one as well.
   */
  session<T>(options: SessionOptions, work: (session: SessionHandle) => Promise<T>): Promise<T>

  /** What carries over and what needs a decision, of the schema and, given them, of the application's statements. */
  assess(options?: AssessOptions): Promise<AssessReport>
  /** Copies the SQLite file while the application writes, checks the copy, and never overwrites one. */
  backup(options: BackupOptions): Promise<BackupReport>
  /** Writes each table to a file of a folder, from one snapshot of the primary, or of the place that is named. */
  export(options: ExportOptions): Promise<ExportReport>
  install(): Promise<InstallReport>
  /** Leaves no trace; refused while PostgreSQL is the primary and mirrored, unless forced. */
  uninstall(options?: { force?: boolean }): Promise<void>
  /** What `applySchema` would run; changes nothing. */
  planSchema(): Promise<SchemaReport>
  applySchema(): Promise<SchemaReport>
  /**
   * Compares the model with what PostgreSQL's catalogs hold, after the schema of a place has changed past Lockstep; with
   * `apply` brings PostgreSQL to it, in one transaction, and ships the rows again that this concerns.
   */
  syncSchema(options?: { apply?: boolean }): Promise<SchemaSyncReport>
  backfill(options?: BackfillOptions): Promise<BackfillReport>
  /** The share of the time in which a backfill may work, from 0 to 100 percent: one that runs, in any process, follows. */
  throttle(percent: number): Promise<void>
  verify(options?: VerifyOptions): Promise<VerifyReport>
  /**
   * Ships rows again: those of the keys, all of a table, or everything that a verify found, whose report is given as
   * `from`; of that it mends the problems too. A key is the list of its columns' values; one of a single column may stand alone.
   * `{ text: bytes }` is a text by its bytes, which names a row whose key is not UTF-8; `{ written: text }` is a whole key as
   * a verify and the quarantine write it. Rows that a flip by force left on the secondary alone stay as they are, unless `discard`
   * gives them up: they are deleted there.
   * @throws TypeError where a key has not as many values as the table's
   */
  repair(
    options:
      | { table: string; keys?: readonly unknown[]; discard?: boolean }
      | { from: Pick<VerifyReport, 'tables' | 'differences' | 'problems'> },
  ): Promise<RepairReport>
  /** What is known of the application's statements, from all of its processes; at most 10,000 are kept. */
  statements(options?: StatementsOptions): Promise<StatementReport[]>
  /** How PostgreSQL would run one of them, and the index that it lacks where it reads a large table from end to end. */
  statementPlan(options: { fingerprint: string }): Promise<StatementPlan>
  /** What shadow reads have found to differ and have confirmed, what was seen last first. */
  divergences(options?: { state?: DivergenceState }): Promise<Divergence[]>
  /**
   * Ships the rows of a divergence again, or all of its tables where none is named, and looks whether it is gone. One of a
   * rehearsed write is taken for mended, and opens again where a rehearsal finds it again.
   */
  repairDivergence(options: { id: string }): Promise<MendedDivergence>
  /** Takes a divergence for one that does not matter, whatever is seen of it from now on. */
  ignoreDivergence(options: { id: string; reason: string }): Promise<Divergence>
  status(): Promise<Status>
  /** The flags in force. */
  flags(): Flags
  setFlags(patch: FlagsPatch): Promise<Flags>
  ready(): Promise<Readiness>
  /**
   * One step forward, when its gates hold: mirror, shadow, then each percentage of the ramp, then the flip. What cannot be
   * undone, `complete`, it leaves to the operator.
   */
  advance(options?: { pauseBudgetMs?: number }): Promise<AdvanceReport>
  flip(to: PlaceName, options?: FlipOptions): Promise<FlipReport>
  rollback(options?: FlipOptions & { acceptLoss?: boolean }): Promise<FlipReport>
  /** Ends mirroring for good after the last gates; the primary goes on alone. */
  complete(options?: { force?: boolean }): Promise<void>
  /** Resolves when the secondary holds everything committed before the call. */
  caughtUp(options?: { timeoutMs?: number }): Promise<void>
  /** Rows that the present secondary cannot hold, oldest first; their keys are the application's data. */
  quarantine(options?: { limit?: number }): Promise<QuarantinedRow[]>
  /** What operators and flips have done, newest first; `before` is the `id` to go on from. */
  audit(options?: { limit?: number; before?: number }): Promise<AuditEntry[]>
  /**
   * Runs what an operator asks for, with an entry in the audit log before it begins and one more where it fails.
   * Where the entry cannot be written, nothing is run. Before `install` there is no log.
   */
  audited<T>(request: AuditedRequest, work: () => Promise<T>): Promise<T>
  /** Every metric of docs/metrics.md as Prometheus reads it; the first call begins the timing of statements. */
  metrics(): Promise<string>
  on<E extends keyof LockstepEvents>(
    event: E,
    listener: (data: LockstepEvents[E]) => void,
  ): () => void
  close(): Promise<void>
}

export type * from './steps/assess-report.ts'
export type { AuditEntry, AuditedRequest, QuarantinedRow, SessionHandle, SessionOptions }
export type * from './steps/verify-report.ts'
export type * from './steps/carry-report.ts'
export type { StatementPlan, StatementReport, StatementsOptions }
export type { Divergence, DivergenceState, MendedDivergence }
export type { AdvanceReport, AutopilotEvent, SyncObstacle }
export type { BackupOptions, BackupReport, ExportOptions, ExportReport }

export interface Status {
  /** Whether the file has Lockstep's control tables. Without them the figures below stand for nothing yet. */
  installed: boolean
  stage: Stage
  primary: PlaceName
  epoch: number
  state: ControlState
  /** Whether PostgreSQL answers, or why not. Figures that only it has are 0 while it does not. */
  postgres: { reachable: boolean; reason: string | null }
  /** `entries`: journal entries the secondary has not got. `ms`: for how long the oldest has waited, at the most. */
  lag: { entries: number; ms: number }
  quarantine: number
  /** Rows that reads have seen to differ, and writes that rehearsals have seen go another way: those that are open. */
  divergences: number
  divergentWrites: number
  flags: Flags
  /** What is wrong with the flags as they are stored: the last good ones are in force. Else null. */
  flagsRefused: string | null
  /** That the flag `primary` asks for another place than the one that rules, and what settles it. Else null. */
  flagsUnmet: string | null
  backfilled: boolean
  /** Why nothing goes over, whichever process has found it out: what its applier fails of, a schema that has changed. Else null. */
  standstill: string | null
  applier: {
    leader: boolean
    running: boolean
    state: 'idle' | 'applying' | 'waiting' | 'stopped'
    reason: string | null
    batches: number
    rows: number
  }
  breaker: 'closed' | 'open'
  counters: {
    writes: number
    reads: { sqlite: number; postgres: number }
    fallbacks: number
    /** The same, by why the primary answered. */
    fallbackKinds: Record<FallbackKind, number>
    degraded: number
    held: number
    /** How shadow reads of this process ended. */
    shadow: ShadowCounters
    /** How rehearsals of writes ended, in the process that applies. */
    rehearsals: RehearsalCounters
  }
}

export interface Readiness {
  ready: boolean
  gates: Gate[]
}
export interface Gate {
  name: string
  ok: boolean
  value: string | number | boolean
  bound: string | number | boolean
  detail: string
}

export interface FlipOptions {
  /** How long writes may be held before the flip cancels itself. Default 1,000. */
  pauseBudgetMs?: number
  /** Go on where gates refuse; recorded in the audit log. */
  force?: boolean
}
export interface FlipReport {
  from: PlaceName
  to: PlaceName
  epoch: number
  /** From the moment writes were held until they ran on the new primary. */
  pauseMs: number
  /** Journal entries shipped while writes were held. */
  drained: number
}

export interface LockstepEvents {
  quarantine: QuarantineEntry
  flip: FlipReport
  'flip-cancelled': { from: PlaceName; to: PlaceName; reason: string }
  degraded: { reason: string }
  drift: { message: string }
  breaker: { state: 'open' | 'closed'; reason: string }
  leader: { leader: boolean }
  flags: { flags: Flags; source: FlagsSource }
  'flags-refused': { message: string }
  /** As `Status.flagsUnmet`, once it has been so for some seconds. */
  'flags-unmet': { message: string }
  /** A change of the schema has brought what SQLite alone has, as the findings of `install` say it. */
  finding: Finding
  fallback: { place: PlaceName; reason: string }
  autopilot: AutopilotEvent
  divergence: { id: string; table: string | null; statement: string; class: string }
  /** A hook of `shadow` threw; its comparison went on without it. */
  'hook-failed': { hook: 'clean' | 'compare' | 'ignore'; message: string }
  /**
   * The applier stops at what waiting does not mend, once for each reason; or what comes behind a flip or a change of the
   * schema has failed. Not when PostgreSQL is away (`breaker`), nor when a call fails, which rejects.
   */
  error: { error: Error }
}
