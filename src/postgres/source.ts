import type pg from 'pg'
import {
  StalePositionError,
  type Batch,
  type BatchLimits,
  type Source,
  type SourceSnapshot,
  type TableChange,
  type UnreadableRow,
} from '../place/place.ts'
import { keyCodec } from '../schema/key-codec.ts'
import { keyPositions, type ShippedColumn, type Table } from '../schema/model.ts'
import { arrayText } from '../values/array-text.ts'
import { codecFor } from '../values/codec.ts'
import { keyText } from '../values/compare.ts'
import { notOnSqlite } from '../values/not-on-sqlite.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import { lock } from './control.ts'
import { quarantineKey } from './quarantine.ts'
import type { PostgresSession } from './session.ts'
import { tableSql, type TableSql } from './table-sql.ts'

/** So many rows are read at once, so that a batch of large rows stays near its bound of bytes. */
const keysPerRead = 250

/**
 * The PostgreSQL primary, read by the applier.
 *
 * Commits become visible in another order than their journal entries were numbered, so there is no
 * cursor: journal and rows are read in one REPEATABLE READ snapshot, and exactly the entries that were
 * read are deleted afterwards. An entry that becomes visible later is read later, whatever its number.
 */
export class PostgresSource implements Source {
  readonly #session: PostgresSession
  readonly #tables: () => readonly Table[]

  constructor(session: PostgresSession, tables: () => readonly Table[]) {
    this.#session = session
    this.#tables = tables
  }

  async open(): Promise<PostgresSnapshot> {
    const client = await this.#session.client()
    // The ticket is read before the snapshot is taken: who drew one up to here had committed before.
    const [ticket, , , control] = await Promise.all([
      client.query<{ ticket: string }>(
        'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS ticket FROM lockstep.ticket',
      ),
      client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
      client.query(`SELECT pg_advisory_xact_lock_shared(${lock.align})`),
      client.query<{ epoch: string; primary_place: string }>(
        'SELECT epoch, primary_place FROM lockstep.control',
      ),
    ])
    const state = control.rows[0] as { epoch: string; primary_place: string }
    const snapshot = new PostgresSnapshot(client, {
      schema: this.#session.schema,
      tables: this.#tables(),
      epoch: Number(state.epoch),
      token: BigInt((ticket.rows[0] as { ticket: string }).ticket),
    })
    if (state.primary_place === 'postgres') return snapshot
    await snapshot.close()
    throw new StalePositionError('PostgreSQL is not the primary any more')
  }

  /**
   * Does not wait for the disk: an entry that a crash brings back is shipped again, and changes nothing. A key that a flip
   * by force left on SQLite alone has come over, so that its row is in quarantine no longer.
   */
  async discard(batch: Batch): Promise<void> {
    const seqs = batch.receipt as readonly string[]
    if (seqs.length === 0) return
    const client = await this.#session.client()
    const { rows } = await client.query<Omit<JournalEntry, 'seq'>>({
      name: 'lockstep_discard',
      text: `WITH shipped AS (DELETE FROM lockstep.journal
        WHERE seq = ANY ($1::bigint[]) AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off' RETURNING tbl, key)
        SELECT tbl, key FROM shipped WHERE EXISTS (SELECT 1 FROM lockstep.quarantine)`,
      values: [seqs],
    })
    for (const table of rows.length === 0 ? [] : this.#tables())
      await leaveQuarantine(
        client,
        table,
        rows.flatMap(({ tbl, key }) => (tbl === table.id ? [key] : [])),
      )
  }
}

async function leaveQuarantine(
  client: pg.Client,
  table: Table,
  keys: readonly (readonly string[])[],
): Promise<void> {
  if (keys.length === 0) return
  const { decode } = keyCodec(table)
  const texts = keys.map((key) => quarantineKey(keyText(decode(key))))
  await client.query('DELETE FROM lockstep.quarantine WHERE tbl = $1 AND key = ANY ($2)', [
    table.name,
    texts,
  ])
}

interface SnapshotFacts {
  readonly schema: string
  readonly tables: readonly Table[]
  readonly epoch: number
  readonly token: bigint
}

interface JournalEntry {
  seq: string
  tbl: number
  key: string[]
}

/** One REPEATABLE READ transaction of PostgreSQL. */
export class PostgresSnapshot implements SourceSnapshot {
  readonly client: pg.Client
  readonly #facts: SnapshotFacts
  readonly #tables: ReadonlyMap<number, Table>
  #after = '0'
  #taken: string[] = []
  #closed = false

  constructor(client: pg.Client, facts: SnapshotFacts) {
    this.client = client
    this.#facts = facts
    this.#tables = new Map(facts.tables.map((table) => [table.id, table]))
  }

  rewind(): void {
    this.#after = '0'
    this.#taken = []
  }

  async read(limits: BatchLimits): Promise<Batch> {
    const { rows: entries } = await this.client.query<JournalEntry>({
      name: 'lockstep_journal',
      text: 'SELECT seq::text, tbl, key FROM lockstep.journal WHERE seq > $1 ORDER BY seq LIMIT $2',
      values: [this.#after, limits.maxEntries],
    })
    const gathered = new Gathered()
    let used = 0
    while (used < entries.length && gathered.bytes < limits.maxBytes) {
      const slice = entries.slice(used, used + keysPerRead)
      used += slice.length
      await this.#readRows(gathered, slice)
    }
    for (const { seq } of entries.slice(0, used)) this.#taken.push(seq)
    this.#after = this.#taken.at(-1) ?? this.#after
    return {
      epoch: this.#facts.epoch,
      changes: gathered.changes,
      entries: used,
      bytes: gathered.bytes,
      complete: used === entries.length && entries.length < limits.maxEntries,
      token: this.#facts.token,
      counters: new Map(),
      receipt: this.#taken,
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.client.query('COMMIT')
  }

  async #readRows(gathered: Gathered, entries: readonly JournalEntry[]): Promise<void> {
    const keys = new Map<Table, string[][]>()
    for (const { tbl, key } of entries) {
      const table = this.#tables.get(tbl)
      if (table === undefined || !gathered.isNew(table, key)) continue
      const list = keys.get(table)
      if (list === undefined) keys.set(table, [key])
      else list.push(key)
    }
    await Promise.all([...keys].map(([table, list]) => this.#readTable(gathered, table, list)))
  }

  async #readTable(gathered: Gathered, table: Table, keys: readonly string[][]): Promise<void> {
    const sql = tableSql(table, this.#facts.schema)
    const { rows } = await this.client.query<(string | null)[]>({
      name: `lockstep_select_${sql.stamp}`,
      text: sql.select,
      values: sql.keyColumns.map((_, index) => arrayText(keys.map((key) => key[index] as string))),
      rowMode: 'array',
    } as pg.QueryArrayConfig)
    gathered.add(table, sql, keys, rows)
  }
}

interface GatheredChange {
  readonly upserts: Row[]
  readonly deletes: KeyValues[]
  readonly unreadable: UnreadableRow[]
  readonly seen: Set<string>
}

/** Finds the first value of a row that SQLite cannot hold. */
function createRefusal(
  columns: readonly ShippedColumn[],
): (row: readonly (string | null)[]) => Omit<UnreadableRow, 'key'> | undefined {
  const checks = columns.flatMap((column, index) => {
    const refuse = notOnSqlite(column)
    return refuse === undefined ? [] : { column: column.name, index, refuse }
  })
  return (row) => {
    for (const { column, index, refuse } of checks) {
      const text = row[index] ?? null
      const reason = text === null ? null : refuse(text)
      if (reason !== null) return { column, reason }
    }
    return undefined
  }
}

/** What one batch has gathered so far. */
class Gathered {
  bytes = 0
  readonly #byTable = new Map<Table, GatheredChange>()

  get changes(): TableChange[] {
    return [...this.#byTable].map(([table, { upserts, deletes, unreadable }]) => ({
      table,
      upserts,
      deletes,
      unreadable,
    }))
  }

  isNew(table: Table, key: readonly string[]): boolean {
    let entry = this.#byTable.get(table)
    if (entry === undefined) {
      entry = { upserts: [], deletes: [], unreadable: [], seen: new Set() }
      this.#byTable.set(table, entry)
    }
    const text = keyText(key)
    if (entry.seen.has(text)) return false
    entry.seen.add(text)
    return true
  }

  add(
    table: Table,
    sql: TableSql,
    keys: readonly string[][],
    rows: readonly (string | null)[][],
  ): void {
    const entry = this.#byTable.get(table) as GatheredChange
    const codecs = sql.columns.map(codecFor)
    const refused = createRefusal(sql.columns)
    const positions = keyPositions(table)
    const found = new Set<string>()
    for (const row of rows) {
      const values: Value[] = row.map((text, index) =>
        (codecs[index] as (typeof codecs)[number]).decode(text),
      )
      found.add(keyText(positions.map((position) => row[position] as string)))
      const refusal = refused(row)
      if (refusal === undefined) entry.upserts.push(values)
      else {
        const key = positions.map((position) => values[position] as Value)
        entry.unreadable.push({ key, ...refusal })
      }
      for (const text of row) this.bytes += 8 + (text?.length ?? 0)
    }
    const keyCodecs = sql.keyColumns.map(codecFor)
    for (const key of keys) {
      if (found.has(keyText(key))) continue
      entry.deletes.push(
        key.map((text, index) => (keyCodecs[index] as (typeof keyCodecs)[number]).decode(text)),
      )
      this.bytes += 16
    }
  }
}
