import type { Connection, Statement } from './connection.ts'

/** What the connection that writes says of a write. */
export interface WriteFacts {
  /** The newest entry of the journal; under the write lock, that of the transaction itself. */
  newestSeq(): bigint
  /** Of the statement that ran last. */
  lastResult(): { readonly changes: number; readonly rowid: bigint }
}

/** Prepares nothing before it is asked, as the journal comes with the install. */
export function createWriteFacts(db: Connection): WriteFacts {
  let newest: Statement | undefined
  let last: Statement | undefined
  return {
    newestSeq() {
      newest ??= db.prepare('SELECT max(seq) FROM _lockstep_journal').pluck().safeIntegers()
      return (newest.get() as bigint | null) ?? 0n
    },
    lastResult() {
      last ??= db.prepare('SELECT changes(), last_insert_rowid()').raw().safeIntegers()
      const [changes, rowid] = last.get() as [bigint, bigint]
      return { changes: Number(changes), rowid }
    },
  }
}
