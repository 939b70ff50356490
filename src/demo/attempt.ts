import type { Database } from 'better-sqlite3'

/** Kept where it works: a deferred constraint speaks at the commit only. */
export function attempt(db: Database, work: () => boolean): boolean {
  try {
    return db.transaction(work)()
  } catch {
    if (db.inTransaction) db.exec('ROLLBACK')
    return false
  }
}
