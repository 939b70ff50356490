import { AsyncLocalStorage } from 'node:async_hooks'
import { noRecord, type StatementRecord } from './statement-record.ts'

/**
 * What one session has written. Its reads go to the secondary only when the secondary has all of it.
 * Code outside of `db.session` shares the session of the process.
 */
export interface Session {
  /** Reads of one key always go the same way. */
  readonly key: string | null
  /** How many writes the session has done, and how many of them the secondary is known to have. */
  writes: number
  confirmed: number
  /** Sees each statement that the session calls, so that loops of statements show. */
  called(record: StatementRecord): void
}

export interface Sessions {
  current(): Session
  run<T>(key: string | null, work: () => Promise<T>): Promise<T>
}

export function createSessions(): Sessions {
  const storage = new AsyncLocalStorage<Session>()
  const ofProcess: Session = { key: null, writes: 0, confirmed: 0, called: countInARow() }
  return {
    current: () => storage.getStore() ?? ofProcess,
    async run(key, work) {
      const calls = new Map<StatementRecord, number>()
      const called = (record: StatementRecord): void =>
        void calls.set(record, (calls.get(record) ?? 0) + 1)
      const session: Session = { key, writes: 0, confirmed: 0, called }
      try {
        return await storage.run(session, work)
      } finally {
        for (const [record, times] of calls) record.repeated(times)
      }
    },
  }
}

/** The session of a process has no end: in it a loop is what comes again and again without another statement. */
function countInARow(): (record: StatementRecord) => void {
  let last = noRecord
  let times = 0
  return (record) => {
    if (record === last) {
      times++
      return
    }
    last.repeated(times)
    last = record
    times = 1
  }
}
