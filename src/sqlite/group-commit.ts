import type { Connection } from './connection.ts'
import { isBusy } from './errors.ts'

export type Outcome = { readonly value: unknown } | { readonly error: unknown }

/**
 * Gives the outcomes of the first of the group, at least of one; throws only where another connection
 * has the write lock and nothing could be begun.
 */
export type GroupCommit = (group: readonly (() => unknown)[]) => Outcome[]

/** For how long a group may keep the event loop and the write lock; the rest is the next group. */
const sliceMs = 2
/** How many statements run between two looks at the clock. */
const looksEvery = 16

/**
 * Runs the statements of several callers in one transaction: most of a small write's cost is its commit,
 * and they share it. A statement that fails takes back only itself, as it does alone. Where the
 * transaction as a whole fails (OR ROLLBACK, a full disk) all of it is undone while nobody has been
 * answered yet, and each runs alone and gets its own answer. Where a foreign key is checked only at the
 * commit, nothing is shared: another's statement could heal what must fail.
 */
export function createGroupCommit(db: Connection): GroupCommit {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const defersForeignKeys = createDeferralCheck(db)

  function together(group: readonly (() => unknown)[]): Outcome[] | undefined {
    const outcomes: Outcome[] = []
    const until = performance.now() + sliceMs
    try {
      begin.run()
      for (const work of group) {
        outcomes.push(attempt(work))
        if (!db.inTransaction) return undefined
        if (outcomes.length % looksEvery === 0 && performance.now() > until) break
      }
      commit.run()
      return outcomes
    } catch (error) {
      if (outcomes.length === 0 && isBusy(error)) throw error
      return undefined
    } finally {
      if (db.inTransaction) rollback.run()
    }
  }

  return (group) => {
    // On a connection of the application's, a transaction of its own may be open.
    const shares = group.length > 1 && !db.inTransaction && !defersForeignKeys()
    const shared = shares ? together(group) : undefined
    return shared ?? oneByOne(group)
  }
}

/** Whether any table of the file has a foreign key that is deferred; looked up once per schema. */
function createDeferralCheck(db: Connection): () => boolean {
  const version = db.prepare('PRAGMA schema_version').pluck()
  let seen: unknown
  let deferred = false
  return () => {
    const current = version.get()
    if (current !== seen) {
      const found = `SELECT 1 FROM sqlite_schema WHERE sql LIKE '%INITIALLY%DEFERRED%'`
      deferred = db.prepare(found).get() !== undefined
      seen = current
    }
    return deferred
  }
}

function oneByOne(group: readonly (() => unknown)[]): Outcome[] {
  const outcomes: Outcome[] = []
  for (const work of group) {
    const outcome = attempt(work)
    if ('error' in outcome && isBusy(outcome.error)) {
      if (outcomes.length === 0) throw outcome.error
      break
    }
    outcomes.push(outcome)
  }
  return outcomes
}

function attempt(work: () => unknown): Outcome {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}
