import type pg from 'pg'
import { LockstepError, messageOf } from '../core/errors.ts'
import {
  RowRefusedError,
  StalePositionError,
  type ApplyResult,
  type Batch,
  type BatchLimits,
  type QuarantineEntry,
  type SourceSnapshot,
  type Target,
  type WholeResult,
} from '../place/place.ts'
import type { Table } from '../schema/model.ts'
import { readControl } from './control.ts'
import { isRowRefused, sqlState, stateOf } from './errors.ts'
import { encodeChange, type EncodedChange } from './encode.ts'
import { quarantineKey } from './quarantine.ts'
import type { PostgresSession } from './session.ts'
import { tableSql, type TableSql } from './table-sql.ts'

/** PostgreSQL as the secondary: a batch is one transaction, sent down one connection in one go. */
export class PostgresTarget implements Target {
  readonly #session: PostgresSession
  readonly #onQuarantine: (entry: QuarantineEntry) => void
  readonly #sql = new Map<Table, TableSql>()
  /** The position at which quarantine was seen to be empty: whatever fills it moves the position. */
  #emptyAt: bigint | undefined

  constructor(session: PostgresSession, onQuarantine: (entry: QuarantineEntry) => void) {
    this.#session = session
    this.#onQuarantine = onQuarantine
  }

  async position(): Promise<bigint> {
    return (await readControl(await this.#session.client())).batch
  }

  /** Sends BEGIN, the position, every change and COMMIT without waiting in between. */
  async apply(batch: Batch, expected: bigint): Promise<ApplyResult> {
    const client = await this.#session.client()
    const encoded = batch.changes.map((change) => encodeChange(change, this.#sqlOf(change.table)))
    const rejected = encoded.flatMap((change) => change.rejected)
    const mayHold = this.#emptyAt !== expected
    this.#emptyAt = undefined
    // One write to the socket, at the end of this turn even where something here throws, so that the
    // server wakes once for the whole batch. https://nodejs.org/api/stream.html#writableuncork
    const { stream } = client.connection
    stream.cork()
    process.nextTick(() => stream.uncork())
    const sent = [
      this.#begin(client, batch, expected),
      ...encoded.flatMap((change) => [
        ...this.#remove(client, change, change.removedKeys),
        ...(mayHold ? this.#clear(client, change) : []),
        ...this.#upsert(client, change),
      ]),
      ...this.#quarantine(client, rejected),
    ]
    const held = mayHold ? this.#holds(client) : Promise.resolve(rejected.length > 0)
    const commit = client.query('COMMIT')
    await settle([...sent, held], commit)
    if (!(await held)) this.#emptyAt = expected + 1n
    rejected.forEach(this.#onQuarantine)
    return { quarantined: rejected.length }
  }

  async applyWhole(
    snapshot: SourceSnapshot,
    limits: BatchLimits,
    expected: bigint,
  ): Promise<WholeResult> {
    const client = await this.#session.client()
    const rejected: QuarantineEntry[] = []
    let batch = await snapshot.read(limits)
    try {
      await staleOr(this.#begin(client, batch, expected))
      for (; ; batch = await snapshot.read(limits)) {
        for (const change of batch.changes) {
          const encoded = encodeChange(change, this.#sqlOf(change.table))
          await Promise.all([
            ...this.#remove(client, encoded, encoded.allKeys),
            ...this.#clear(client, encoded),
          ])
        }
        if (batch.complete) break
      }
      snapshot.rewind()
      do {
        batch = await snapshot.read(limits)
        for (const change of batch.changes) {
          const encoded = encodeChange(change, this.#sqlOf(change.table))
          rejected.push(...encoded.rejected)
          await this.#insertOrReject(client, encoded, 0, encoded.rows, rejected)
        }
      } while (!batch.complete)
      await Promise.all(this.#quarantine(client, rejected))
      await client.query('COMMIT')
    } catch (error) {
      // Where the connection is gone the server rolls back by itself.
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
    rejected.forEach(this.#onQuarantine)
    return { quarantined: rejected.length, batch }
  }

  #sqlOf(table: Table): TableSql {
    let sql = this.#sql.get(table)
    if (sql === undefined) {
      sql = tableSql(table, this.#session.schema)
      this.#sql.set(table, sql)
    }
    return sql
  }

  /** One message: each costs the server about as much as a row. */
  #begin(client: pg.Client, { epoch, token }: Batch, expected: bigint): Promise<unknown> {
    return client.query(`BEGIN; SELECT lockstep.begin_batch(${expected}, ${epoch}, ${token})`)
  }

  #upsert(client: pg.Client, change: EncodedChange): Promise<unknown>[] {
    if (change.rows === 0) return []
    return [
      client.query({
        name: `lockstep_upsert_${change.sql.stamp}`,
        text: change.sql.upsert,
        values: change.columns(0, change.rows),
      }),
    ]
  }

  #remove(client: pg.Client, change: EncodedChange, keys: readonly string[]): Promise<unknown>[] {
    if (keys[0] === undefined || keys[0] === '{}') return []
    return [
      client.query({
        name: `lockstep_remove_${change.sql.stamp}`,
        text: change.sql.remove,
        values: [...keys],
      }),
    ]
  }

  /** A row that comes again, or is gone, is in quarantine no longer. */
  #clear(client: pg.Client, change: EncodedChange): Promise<unknown>[] {
    return [
      client.query({
        name: 'lockstep_clear',
        text: 'DELETE FROM lockstep.quarantine WHERE tbl = $1 AND key = ANY ($2)',
        values: [change.table.name, change.keyTexts.map(quarantineKey)],
      }),
    ]
  }

  async #holds(client: pg.Client): Promise<boolean> {
    const { rowCount } = await client.query('SELECT 1 FROM lockstep.quarantine LIMIT 1')
    return rowCount !== 0
  }

  #quarantine(client: pg.Client, entries: readonly QuarantineEntry[]): Promise<unknown>[] {
    return entries.map(({ table, key, column, reason }) =>
      client.query({
        name: 'lockstep_quarantine',
        text: `INSERT INTO lockstep.quarantine (tbl, key, col, reason) VALUES ($1, $2, $3, $4)
          ON CONFLICT (tbl, key) DO UPDATE SET col = excluded.col, reason = excluded.reason, at = now()`,
        values: [table, quarantineKey(key), column, reason],
      }),
    )
  }

  async #insertOrReject(
    client: pg.Client,
    change: EncodedChange,
    from: number,
    to: number,
    rejected: QuarantineEntry[],
  ): Promise<void> {
    if (from >= to) return
    await client.query('SAVEPOINT rows')
    try {
      // A key that has several entries in the journal may come once in each batch of them.
      await client.query({ text: change.sql.upsert, values: change.columns(from, to) })
      await client.query('RELEASE SAVEPOINT rows')
    } catch (error) {
      if (!isRowRefused(error)) throw error
      await client.query('ROLLBACK TO SAVEPOINT rows')
      if (to - from === 1) {
        rejected.push({
          table: change.table.name,
          key: change.upsertKeyTexts[from] as string,
          column: null,
          reason: messageOf(error),
        })
        return
      }
      const middle = (from + to) >> 1
      await this.#insertOrReject(client, change, from, middle, rejected)
      await this.#insertOrReject(client, change, middle, to, rejected)
    }
  }
}

/**
 * Waits for everything that was sent, and fails with the first failure: those behind it only say that
 * the transaction is aborted. A COMMIT that answers ROLLBACK did not commit.
 */
async function settle(sent: Promise<unknown>[], commit: Promise<pg.QueryResult>): Promise<void> {
  const results = await Promise.allSettled([...sent, commit])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw asRefused(asStale(failed.reason))
  const { command } = await commit
  if (command !== 'COMMIT') throw new Error(`The batch was not committed: ${command}`)
}

function asStale(error: unknown): unknown {
  const state = stateOf(error)
  if (state === sqlState.rewound) return rewound(error)
  return state === sqlState.stale ? new StalePositionError(messageOf(error)) : error
}

function asRefused(error: unknown): unknown {
  return isRowRefused(error) ? new RowRefusedError(messageOf(error), { cause: error }) : error
}

async function staleOr(promise: Promise<unknown>): Promise<void> {
  try {
    await promise
  } catch (error) {
    throw asStale(error)
  }
}

function rewound(cause: unknown): LockstepError {
  return new LockstepError(
    'PRIMARY_REWOUND',
    'The SQLite file is older than what PostgreSQL has of it: a backup was put in its place, or a power cut took its ' +
      'last commits. Nothing is applied until you decide: `lockstep install` takes the file as it is now for right ' +
      'and makes PostgreSQL equal to it',
    { cause },
  )
}
