import { LockstepError } from '../core/errors.ts'
import { foldName } from '../schema/quote.ts'

/**
 * The application's own savepoints in a transaction on PostgreSQL. Names there are ours: SQLite's are of
 * any length and without regard to case, and a statement's own savepoint must not be met by them.
 * https://www.sqlite.org/lang_savepoint.html
 */
export class Savepoints {
  readonly #open: { readonly name: string; readonly ours: string }[] = []
  #made = 0

  get isOpen(): boolean {
    return this.#open.length > 0
  }

  /** What to send to PostgreSQL for SAVEPOINT. */
  open(name: string): string {
    const ours = `lockstep_application_${++this.#made}`
    this.#open.push({ name: foldName(name), ours })
    return `SAVEPOINT ${ours}`
  }

  /** RELEASE takes every savepoint since with it. @throws LockstepError SQLITE_ERROR */
  release(name: string): string {
    const at = this.#find(name)
    const [found] = this.#open.splice(at)
    return `RELEASE SAVEPOINT ${found?.ours}`
  }

  /** ROLLBACK TO leaves the savepoint itself open. @throws LockstepError SQLITE_ERROR */
  rollBackTo(name: string): string {
    const at = this.#find(name)
    const ours = this.#open[at]?.ours
    this.#open.splice(at + 1)
    return `ROLLBACK TO SAVEPOINT ${ours}`
  }

  #find(name: string): number {
    const folded = foldName(name)
    const at = this.#open.findLastIndex((savepoint) => savepoint.name === folded)
    if (at >= 0) return at
    throw new LockstepError('SQLITE_ERROR', `no such savepoint: ${name}`)
  }
}
