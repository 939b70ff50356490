import type { Method } from '../sqlite/statements.ts'

/** One statement of the application that changed rows on SQLite, or was to. */
export interface Write {
  readonly method: Method
  readonly sql: string
  /** As better-sqlite3's statements take them. */
  readonly args: readonly unknown[]
}

/** Sees what the application writes to SQLite through Lockstep. It must cost next to nothing: every write comes by. */
export interface WriteRecorder {
  /** For one transaction, or one statement that stands for itself; undefined while nothing is recorded. */
  open(): OpenWrites | undefined
}

export interface OpenWrites {
  /** Under the write lock, before the first statement; called anew where all of it runs again. */
  begun(): void
  ran(write: Write, answer: unknown): void
  failed(write: Write, error: unknown): void
  /** Something ran that is no statement on rows, such as a change of the schema. */
  spoiled(): void
  /** Under the write lock, when the commit is next, or done. */
  finished(): void
  /** Nothing of it has been committed. */
  undone(): void
}

export const noRecorder: WriteRecorder = { open: () => undefined }

/** Runs one statement, and tells what came of it. */
export function recordWrite<T>(open: OpenWrites | undefined, write: Write, run: () => T): T {
  if (open === undefined) return run()
  try {
    const answer = run()
    open.ran(write, answer)
    return answer
  } catch (error) {
    open.failed(write, error)
    throw error
  }
}
