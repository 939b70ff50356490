/**
 * What became of one statement, or of one case of several, on PostgreSQL compared with SQLite.
 * - `identical`: the same rows, value classes, names, counts and following state; or the same error.
 * - `rowid unread`: all of that, but whoever reads `lastInsertRowid` of an INSERT gets an error that says why it is
 *   unknown. Whether anybody would read it the corpora do not tell, so it counts neither as identical nor as refused.
 * - `refused`: an error that says what cannot be done, or a value that does not fit its column.
 * - `unclear`: an error too, so nothing is silent, but one that Lockstep did not foresee: the server has
 *   refused the text that it was given.
 * - `different`: another answer without an error. The only outcome that can do harm.
 */
export type Verdict = 'identical' | 'rowid unread' | 'refused' | 'unclear' | 'different'

export interface Outcome {
  readonly verdict: Verdict
  /** For a refusal the construct, for a difference what differs; empty for what is identical. */
  readonly cause: string
  /** What was expected and what came, for people. */
  readonly detail: string
}

export const identical: Outcome = Object.freeze({ verdict: 'identical', cause: '', detail: '' })

export const withoutRowid: Outcome = Object.freeze({
  verdict: 'rowid unread',
  cause: 'lastInsertRowid of a table with another key',
  detail: '',
})

/** From the best to the worst: a case is as bad as its worst statement. */
const severity: readonly Verdict[] = [
  'identical',
  'rowid unread',
  'refused',
  'unclear',
  'different',
]

export function worse(a: Outcome, b: Outcome): Outcome {
  return severity.indexOf(b.verdict) > severity.indexOf(a.verdict) ? b : a
}

/** A refusal of a value that its column cannot hold on PostgreSQL: of another class, or NULL in a declared key. */
function isMisfit({ verdict, cause }: Outcome): boolean {
  return verdict === 'refused' && misfit.test(cause)
}

const misfit =
  /^value: |^A value of this class in column|cannot hold a value of this class|^NULL in .*: SQLite takes it in a key/

/** One case that was not identical, with what is needed to run it again. */
export interface Miss extends Outcome {
  readonly id: string
  readonly sql: string
}

/** The count of one corpus. */
export class Score {
  readonly counts: Record<Verdict, number> = {
    identical: 0,
    'rowid unread': 0,
    refused: 0,
    unclear: 0,
    different: 0,
  }
  readonly misses: Miss[] = []
  /** How many cases were left out, by why: what the driver answers and not the translator. */
  readonly leftOut: Map<string, number> = new Map()

  add(id: string, sql: string, outcome: Outcome): void {
    this.counts[outcome.verdict] += 1
    if (outcome.verdict !== 'identical') this.misses.push({ ...outcome, id, sql })
  }

  leaveOut(why: string): void {
    this.leftOut.set(why, (this.leftOut.get(why) ?? 0) + 1)
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0)
  }

  /** Cases in which a value does not fit its column. */
  get misfits(): number {
    return this.misses.filter(isMisfit).length
  }

  /** Parts of one, 1 where there is nothing. */
  get share(): number {
    return this.total === 0 ? 1 : this.counts.identical / this.total
  }

  /** The causes of one verdict, the most frequent first. */
  causes(verdict: Verdict): [cause: string, misses: Miss[]][] {
    const byCause = new Map<string, Miss[]>()
    for (const miss of this.misses) {
      if (miss.verdict !== verdict) continue
      const known = byCause.get(miss.cause)
      if (known === undefined) byCause.set(miss.cause, [miss])
      else known.push(miss)
    }
    return [...byCause].toSorted(([, a], [, b]) => b.length - a.length)
  }
}
