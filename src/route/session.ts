import { AsyncLocalStorage } from 'node:async_hooks'

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
}

export interface Sessions {
  current(): Session
  run<T>(key: string | null, work: () => Promise<T>): Promise<T>
}

export function createSessions(): Sessions {
  const storage = new AsyncLocalStorage<Session>()
  const ofProcess = createSession(null)
  return {
    current: () => storage.getStore() ?? ofProcess,
    run: (key, work) => storage.run(createSession(key), work),
  }
}

function createSession(key: string | null): Session {
  return { key, writes: 0, confirmed: 0 }
}
