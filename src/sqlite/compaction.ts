import { keyText } from '../values/compare.ts'
import type { Value } from '../values/value.ts'
import type { Connection, Statement } from './connection.ts'
import { isBusy } from './errors.ts'
import { exactKey } from './journal.ts'
import { keptStatement } from './kept-statement.ts'
import { schemaVersion } from './versions.ts'

/** For how long one slice looks at entries; its commit comes on top, without waiting for the disk. */
const sliceMs = 0.8
const entriesPerSlice = 96

/**
 * Keeps the journal of SQLite bounded by the number of distinct changed rows, however long the secondary
 * is away: of each key only the newest entry stays.
 *
 *   resting ──more than `above` entries not looked at──> looking ──all looked at──> resting
 *      └──────────everything looked at has been shipped: forgotten──────────┘
 *
 * Rules, kept by test/sqlite/compaction.test.ts:
 * - The HIGHEST `seq` of a key stays. An applier removes what its snapshot held, so an entry that is newer
 *   than the snapshot survives it, and with it the change; the lowest would be removed by it.
 * - An entry may go at any time, beside any applier, however stale: each snapshot holds the newest entry
 *   of every key that waits in it, so a batch that empties the journal of its snapshot is still complete,
 *   and its token is right.
 * - Each entry is looked at once. What has been seen is kept in a TEMP table, which SQLite keeps on disk
 *   when it is large.
 */
export class SqliteCompaction {
  readonly #options: SqliteCompactionOptions
  #seen: Seen | undefined
  #after = 0n
  #looking = false

  constructor(options: SqliteCompactionOptions) {
    this.#options = options
  }

  /** One slice; resolves with whether there is more to do at once. */
  step(): Promise<boolean> {
    return Promise.resolve(this.#step())
  }

  close(): void {
    this.#seen?.close()
    this.#seen = undefined
    this.#after = 0n
    this.#looking = false
  }

  #step(): boolean {
    const { reader, open, above } = this.#options
    const { oldest, newest } = boundsOf(reader)
    // Another install numbers tables and entries anew; and what was seen may have been shipped since.
    if (oldest > this.#after || newest < this.#after || this.#seen?.stale() === true) {
      this.close()
      this.#after = oldest - 1n
    }
    this.#looking ||= newest - this.#after > BigInt(above)
    if (!this.#looking) return false
    this.#seen ??= new Seen(open())
    try {
      const { last, more } = this.#seen.look(this.#after)
      this.#after = last
      this.#looking = more
    } catch (error) {
      // The application comes first: what it holds up now is looked at at the next turn.
      if (!isBusy(error)) throw error
      return false
    }
    return this.#looking
  }
}

export interface SqliteCompactionOptions {
  readonly reader: Connection
  /** Opens a connection that writes; it is closed here. */
  readonly open: () => Connection
  /** Entries that may wait without having been looked at. */
  readonly above: number
}

function boundsOf(reader: Connection): { oldest: bigint; newest: bigint } {
  const [oldest, newest] = keptStatement(
    reader,
    'SELECT (SELECT min(seq) FROM _lockstep_journal), (SELECT max(seq) FROM _lockstep_journal)',
  )
    .raw()
    .safeIntegers()
    .get() as [bigint | null, bigint | null]
  return { oldest: oldest ?? 1n, newest: newest ?? 0n }
}

/** A connection with the newest entry of each key that has been looked at. */
class Seen {
  readonly #db: Connection
  readonly #version: number
  readonly #newestOf: Statement
  readonly #remember: Statement
  readonly #remove: Statement

  constructor(db: Connection) {
    this.#db = db
    // A slice must not wait for the disk: a deletion that a power cut undoes is done again.
    db.pragma('synchronous = NORMAL')
    db.pragma('wal_autocheckpoint = 0')
    db.exec('CREATE TEMP TABLE seen (key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID')
    this.#version = schemaVersion(db)
    this.#newestOf = db.prepare('SELECT seq FROM seen WHERE key = ?').pluck().safeIntegers()
    this.#remember = db.prepare(
      'INSERT INTO seen (key, seq) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET seq = excluded.seq',
    )
    this.#remove = db.prepare('DELETE FROM _lockstep_journal WHERE seq = ?')
  }

  stale(): boolean {
    return schemaVersion(this.#db) !== this.#version
  }

  /** Looks at some entries behind `after`: the last of them, and whether there are more. */
  look(after: bigint): { last: bigint; more: boolean } {
    return this.#db
      .transaction(() => {
        if (this.stale()) return { last: after, more: false }
        const entries = this.#db
          .prepare(
            'SELECT * FROM _lockstep_journal WHERE seq > ? AND tbl <> 0 ORDER BY seq LIMIT ?',
          )
          .raw()
          .safeIntegers()
          .all(after, entriesPerSlice) as [bigint, bigint, ...Value[]][]
        const end = performance.now() + sliceMs
        let last = after
        for (const [index, [seq, tbl, ...key]] of entries.entries()) {
          this.#keep(keyText([tbl, ...exactKey(this.#db, seq, key)]), seq)
          last = seq
          if ((index & 7) === 7 && performance.now() > end) return { last, more: true }
        }
        return { last, more: entries.length === entriesPerSlice }
      })
      .immediate()
  }

  close(): void {
    this.#db.close()
  }

  #keep(key: string, seq: bigint): void {
    const older = this.#newestOf.get(key) as bigint | undefined
    if (older !== undefined) this.#remove.run(older)
    this.#remember.run(key, seq)
  }
}
