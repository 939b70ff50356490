export interface VerifyOptions {
  tables?: readonly string[]
  onProgress?: (progress: VerifyProgress) => void
  signal?: AbortSignal
  /** Percent of the rows to compare, by ranges of keys that are chosen at random; 100 unless given. */
  sample?: number
  /** Adds what each place holds to the differences. They are the application's data: mind where they go. */
  values?: boolean
  /** Called behind each range of rows; JSON. Given as `resume`, another run goes on there. */
  onCheckpoint?: (checkpoint: VerifyCheckpoint) => void
  resume?: VerifyCheckpoint
  /** For how long one pair of snapshots may stay open, in milliseconds; 30,000 unless given. */
  snapshotMs?: number
  /**
   * Whether a thread of its own reads a large SQLite file, as one does unless `false` is given: that leaves most of this
   * thread to the application, and compares fewer rows a second (docs/benchmarks.md#verify).
   */
  thread?: boolean
}
export interface VerifyProgress {
  readonly table: string
  /** Rows of this table that have been compared, of about so many. */
  readonly rows: number
  readonly total: number
  /** Rows of the whole run a second, over the last ten; 0 at first. */
  readonly rowsPerSecond: number
  /** Milliseconds until the whole run is over at this speed; null where none can be told. */
  readonly timeLeftMs: number | null
}
export interface VerifyCheckpoint {
  /**
   * The run: of which pair, of which tables (a fingerprint of their structure), of how many percent of the rows, and when it
   * began, in milliseconds since 1970.
   */
  readonly of: {
    readonly migration: string
    readonly schema: string
    readonly sample: number
    readonly begunAtMs: number
  }
  readonly done: readonly VerifiedTable[]
  /** The table that is under way, and the key up to which it has been compared, in PostgreSQL's text. */
  readonly under: { readonly report: VerifiedTable; readonly after: readonly string[] } | null
  readonly differences: readonly VerifyDifference[]
}
export interface VerifiedTable {
  table: string
  /** Rows of SQLite that were compared. */
  rows: number
  equal: boolean
  /** Rows of SQLite that PostgreSQL has not, and the other way round, whichever is primary. */
  missing: number
  extra: number
  different: number
}
export interface VerifyDifference {
  readonly table: string
  readonly key: string
  /** Null where the whole row is missing or extra. */
  readonly column: string | null
  readonly class: 'missing' | 'extra' | 'value' | 'type'
  /** What each place holds, on one printable line each; only where `values` asked for it. */
  readonly values?: { readonly sqlite: string; readonly postgres: string }
}
export interface VerifyReport {
  /** Of the rows. What else is wrong on PostgreSQL stands in `problems`. */
  equal: boolean
  tables: VerifiedTable[]
  /** At most 1,000 of them; the counts above are complete. */
  differences: VerifyDifference[]
  problems: VerifyProblem[]
}
export interface RepairReport {
  /** How many rows go over again, or go away on the secondary. */
  rows: number
  /** The keys that were given and that no row has, on either place. */
  unknown: string[]
  /** Keys of rows that a flip by force left behind on the secondary: they stay as they are there, as nobody else has them. */
  kept?: string[]
  /** What of the problems of `from` is right now; only with it. */
  mended?: VerifyProblem[]
  /** What of its tables is still wrong, with the way out; only with it. */
  problems?: VerifyProblem[]
}
/** Something that rows alone do not show. */
export interface VerifyProblem {
  readonly kind: 'key' | 'index' | 'constraint' | 'sequence' | 'view'
  /** Or the view. */
  readonly table: string
  readonly message: string
}
