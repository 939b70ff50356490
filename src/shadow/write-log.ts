import { isLockstepError } from '../core/errors.ts'
import type { OpenWrites, Write, WriteRecorder } from '../route/write-recorder.ts'
import type { StatementKind } from '../sql/statement.ts'
import { isConstraint } from '../sqlite/errors.ts'
import { keepArguments } from './read.ts'

/** One statement of a transaction, and what SQLite answered. */
export interface LoggedWrite extends Write {
  readonly kind: StatementKind
  readonly answer: WriteAnswer
}

/** What SQLite's connection says of it, and how many rows it gave back where all were asked for; or what refused it. */
export type WriteAnswer =
  | { readonly changes: number; readonly rowid: bigint; readonly rows: number | null }
  /** The code of a constraint. */
  | { readonly code: string }

/** What one transaction has written, with the newest entry of the journal before and behind it. */
interface Logged {
  before: bigint
  after: bigint
  readonly writes: LoggedWrite[]
  spoiled: boolean
}

/** Why the statements behind a batch are not known. */
export type NotKnown = 'foreign' | 'tooLarge' | 'schema'

export interface WriteLogOptions {
  readonly isActive: () => boolean
  /** The newest entry of the journal, on the connection that writes. */
  readonly newestSeq: () => bigint
  /** What the same connection says of the statement that ran last. */
  readonly lastResult: () => { readonly changes: number; readonly rowid: bigint }
  readonly kindOf: (sql: string) => StatementKind | null
  /** Beyond so many statements, or bytes of arguments, nothing is kept until the next batch. */
  readonly maxWrites: number
  readonly maxBytes: number
  /** Half of them are there: a batch that is made now is still small enough. */
  readonly onFilling: () => void
}

/**
 * What the application has written to SQLite through this process and what is not shipped yet, in the order of the
 * commits. SQLite has one writer, so the entries of a transaction lie side by side in the journal; where the
 * transactions that are known leave a gap, somebody else has written.
 */
export class WriteLog implements WriteRecorder {
  readonly #options: WriteLogOptions
  #logged: Logged[] = []
  #count = 0
  #bytes = 0
  #isFull = false
  /** It was full, and nothing has been written down since. */
  #isBehind = false
  /** What was written up to here was more than it holds. */
  #lostThrough = 0n

  constructor(options: WriteLogOptions) {
    this.#options = options
  }

  open(): OpenWrites | undefined {
    if (this.#isFull || !this.#options.isActive()) return undefined
    let logged: Logged | undefined
    const { newestSeq } = this.#options
    const drop = (): void => {
      if (logged !== undefined) this.#drop(logged)
      logged = undefined
    }
    return {
      begun: () => {
        drop()
        const before = newestSeq()
        if (this.#isBehind) this.#lostThrough = before
        this.#isBehind = false
        logged = { before, after: before, writes: [], spoiled: false }
      },
      ran: (write, answer) =>
        this.#add(logged, write, () => ({
          ...this.#options.lastResult(),
          rows: Array.isArray(answer) ? answer.length : null,
        })),
      failed: (write, error) => {
        if (isConstraint(error)) this.#add(logged, write, () => ({ code: codeOf(error) }))
        else if (logged !== undefined) logged.spoiled = true
      },
      spoiled: () => {
        if (logged !== undefined) logged.spoiled = true
      },
      finished: () => {
        if (logged === undefined || this.#isFull) return
        logged.after = newestSeq()
        const { before, after, spoiled, writes } = logged
        if (before !== after || (writes.length > 0 && !spoiled)) this.#logged.push(logged)
      },
      undone: drop,
    }
  }

  /** All that lies between two states, which is how a batch came about; and forgets it. */
  take(from: bigint, through: bigint): readonly (readonly LoggedWrite[])[] | NotKnown {
    const logged = this.#logged.filter(
      ({ before, after }) => before >= from && before < through && after <= through,
    )
    const isFull = this.#isFull
    const isLost = this.#isBehind || from < this.#lostThrough
    this.cut(through)
    if (isFull) return 'tooLarge'
    if (!areSideBySide(logged, from, through)) return isLost ? 'tooLarge' : 'foreign'
    return logged.some(({ spoiled }) => spoiled) ? 'schema' : logged.map(({ writes }) => writes)
  }

  /** Forgets what has been shipped; what has changed nothing since belongs to the next batch. */
  cut(through: bigint): void {
    if (this.#isFull) {
      this.#isFull = false
      this.#isBehind = true
      return
    }
    this.#logged = this.#logged.filter(({ before, after }) => after > through || before === through)
    const left = this.#logged.flatMap(({ writes }) => writes)
    this.#count = left.length
    this.#bytes = left.reduce((sum, write) => sum + bytesOf(write), 0)
  }

  #add(logged: Logged | undefined, write: Write, answer: () => WriteAnswer): void {
    if (logged === undefined) return
    if (this.#isFull) logged.spoiled = true
    const kind = this.#options.kindOf(write.sql)
    if (kind === 'select' || kind === 'explain') return
    if (kind === null || !kept.has(kind)) {
      logged.spoiled = true
      return
    }
    logged.writes.push({ ...write, args: keepArguments(write.args), kind, answer: answer() })
    this.#count++
    if (this.#count === this.#options.maxWrites >> 1) this.#options.onFilling()
    this.#bytes += bytesOf(write)
    if (this.#count > this.#options.maxWrites || this.#bytes > this.#options.maxBytes) this.#fill()
  }

  #fill(): void {
    this.#isFull = true
    this.#logged = []
    this.#count = 0
    this.#bytes = 0
  }

  #drop(logged: Logged): void {
    const at = this.#logged.lastIndexOf(logged)
    if (at >= 0) this.#logged.splice(at, 1)
  }
}

/** Whether transactions account for all of the journal between two of its entries. */
function areSideBySide(logged: readonly Logged[], from: bigint, through: bigint): boolean {
  let at = from
  for (const { before, after } of logged) {
    if (before !== at) return false
    at = after
  }
  return at === through
}

const kept: ReadonlySet<StatementKind> = new Set(['insert', 'update', 'delete', 'transaction'])

function codeOf(error: unknown): string {
  return isLockstepError(error) ? error.code : String((error as { code?: unknown }).code)
}

/** What the arguments hold, roughly. */
function bytesOf({ args }: Write): number {
  let bytes = 64
  for (const value of args.flatMap((arg) => (isPlain(arg) ? Object.values(arg) : [arg])))
    bytes += typeof value === 'string' ? value.length : Buffer.isBuffer(value) ? value.length : 8
  return bytes
}

function isPlain(arg: unknown): arg is object {
  return typeof arg === 'object' && arg !== null && !ArrayBuffer.isView(arg)
}
