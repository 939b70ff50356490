import { LockstepError } from '../core/errors.ts'
import { foldName } from '../schema/quote.ts'
import type { Statement } from '../sql/statement.ts'

/**
 * The application's own savepoints in a transaction on PostgreSQL. Names there are ours: SQLite's are of
 * any length and without regard to case, and a statement's own savepoint must not be met by them.
 * https://www.sqlite.org/lang_savepoint.html
 */
export class Savepoints {
  readonly #open: { readonly name: string; readonly ours: string }[] = []
  #made = 0

  /** What makes those that are open, in order. */
  get statements(): readonly string[] {
    return this.#open.map(({ ours }) => `SAVEPOINT ${ours}`)
  }

  /** What to send to PostgreSQL for a step of the application. @throws LockstepError SQLITE_ERROR */
  take(step: Statement['step'], name: string): string {
    if (step === 'savepoint') return this.open(name)
    return step === 'release' ? this.release(name) : this.rollBackTo(name)
  }

  open(name: string): string {
    const ours = `lockstep_application_${++this.#made}`
    this.#open.push({ name: foldName(name), ours })
    return `SAVEPOINT ${ours}`
  }

  /** RELEASE takes every savepoint since with it. */
  release(name: string): string {
    const at = this.#find(name)
    const [found] = this.#open.splice(at)
    return `RELEASE SAVEPOINT ${found?.ours}`
  }

  /** ROLLBACK TO leaves the savepoint itself open. */
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
