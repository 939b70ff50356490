import { AsyncLocalStorage } from 'node:async_hooks'
import type { Flags } from './flags.ts'
import type { KeyedReads } from './keyed-reads.ts'
import type { Carried } from './session-token.ts'
import { noRecord, type StatementRecord } from './statement-record.ts'

/**
 * What one session has written. Its reads go to the secondary only when the secondary has all of it.
 * Code outside of `db.session` shares the session of the process.
 */
export interface Session {
  /** Reads of one key always go the same way. */
  readonly key: string | null
  /** Percentages of its own, where the flags tell keys apart; else null. */
  reads(): Flags['reads'] | null
  /** How many writes the session has done, and how many of them the secondary is known to have. */
  writes: number
  confirmed: number
  /** What a token says of its first write, which is that of an earlier session; null where nobody knows. */
  readonly carried: Carried | null
  /** Sees each statement that the session calls, so that loops of statements show. */
  called(record: StatementRecord): void
}

/** What the function of `db.session` is given. */
export interface SessionHandle {
  /**
   * What another session, in any process, needs to see the writes of this one: give it as its `token`. Empty where every place
   * has them, as when nothing was written.
   */
  readonly token: string
}

export interface SessionOptions {
  readonly key?: string
  /** The `token` of an earlier session, from a cookie, say. What is no token of this migration costs a wait, and no error. */
  readonly token?: string
}

export interface Sessions {
  current(): Session
  /** From now on the flags may tell the sessions' keys apart. */
  follow(keyed: KeyedReads | undefined): void
  run<T>(options: SessionOptions, work: (session: SessionHandle) => Promise<T>): Promise<T>
}

export interface SessionTokens {
  /** For everything that is committed. */
  issue(): string
  read(token: string): Carried | null
}

export function createSessions(tokens: SessionTokens): Sessions {
  let keyedReads: KeyedReads | undefined
  const storage = new AsyncLocalStorage<Session>()
  const ofProcess: Session = {
    key: null,
    reads: () => null,
    writes: 0,
    confirmed: 0,
    carried: null,
    called: countInARow(),
  }
  return {
    current: () => storage.getStore() ?? ofProcess,
    follow: (keyed) => void (keyedReads = keyed),
    async run({ key, token = '' }, work) {
      const calls = new Map<StatementRecord, number>()
      const called = (record: StatementRecord): void =>
        void calls.set(record, (calls.get(record) ?? 0) + 1)
      const carried = token === '' ? null : tokens.read(token)
      const keyed = key === undefined ? undefined : await keyedReads?.enter(key)
      const session: Session = {
        key: key ?? null,
        reads: () => keyed?.reads() ?? null,
        writes: token === '' ? 0 : 1,
        confirmed: 0,
        carried,
        called,
      }
      const handle: SessionHandle = {
        get token() {
          return session.writes > session.confirmed ? tokens.issue() : ''
        },
      }
      try {
        return await storage.run(session, () => work(handle))
      } finally {
        keyed?.leave()
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
