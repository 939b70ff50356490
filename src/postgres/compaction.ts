import { lock, type Queryer } from './control.ts'

/** So many entries are looked at by one statement; beyond them a key can stay once for each so many. */
const maxEntries = 500_000

/**
 * The same on PostgreSQL, in one statement: of each key the newest entry stays. Entries of one key are
 * numbered in the order of their commits, as their transactions wait for each other at the row, so the
 * highest number is the newest change there too. Each run doubles what may wait before the next, so
 * the work for an entry stays constant on average.
 */
export class PostgresCompaction {
  readonly #db: () => Queryer
  readonly #above: bigint
  #looked = 0n
  #kept = 0n

  /** @param above entries that may wait without having been looked at */
  constructor(db: () => Queryer, above: number) {
    this.#db = db
    this.#above = BigInt(above)
  }

  /** Compacts once where it is due. One process at a time: the others have nothing to do meanwhile. */
  async step(): Promise<boolean> {
    const { oldest, newest } = await this.#bounds()
    if (oldest > this.#looked || newest < this.#looked) {
      this.#looked = oldest - 1n
      this.#kept = 0n
    }
    if (newest - this.#looked <= this.#above + this.#kept) return false
    const { rows } = await this.#db().query<{ won: boolean; kept: string }>(compact, [maxEntries])
    const { won, kept } = rows[0] as { won: boolean; kept: string }
    if (!won) return false
    this.#looked = newest
    this.#kept = BigInt(kept)
    return false
  }

  async #bounds(): Promise<{ oldest: bigint; newest: bigint }> {
    const { rows } = await this.#db().query<{ oldest: string; newest: string }>(
      'SELECT coalesce(min(seq), 1) AS oldest, coalesce(max(seq), 0) AS newest FROM lockstep.journal',
    )
    const { oldest, newest } = rows[0] as { oldest: string; newest: string }
    return { oldest: BigInt(oldest), newest: BigInt(newest) }
  }
}

const compact = /* sql */ `
  WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(${lock.compaction}) AS won
  ), entries AS (
    SELECT seq, row_number() OVER (PARTITION BY tbl, key ORDER BY seq DESC) AS age
      FROM (SELECT seq, tbl, key FROM lockstep.journal WHERE (SELECT won FROM turn) ORDER BY seq LIMIT $1) AS oldest
  ), removed AS (
    DELETE FROM lockstep.journal AS journal USING entries
     WHERE journal.seq = entries.seq AND entries.age > 1
  )
  SELECT (SELECT won FROM turn) AS won, (SELECT count(*) FROM entries WHERE age = 1) AS kept`
