import { createDiscard, readComeOver, type Discard } from './discard.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import {
  StalePositionError,
  type Batch,
  type BatchLimits,
  type Source,
  type SourceSnapshot,
  type TableChange,
  type UnreadableRow,
} from '../place/place.ts'
import type { Table } from '../schema/model.ts'
import { keyText } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { Connection, SqliteFile, Statement } from './connection.ts'
import { controlReader, type ControlRow } from './control.ts'
import { readCounters } from './counters.ts'
import { exactKey } from './journal.ts'
import { createRowReader, invalidColumn, invalidText, type RowReader } from './rows.ts'
import { isTwin, type SnapshotState, type Twin } from './twin.ts'
import type { SqliteWriter } from './writer.ts'

/** For how long reading may keep the event loop before it lets others run. */
const sliceMs = 1.5

interface JournalEntry {
  readonly seq: bigint
  readonly tbl: bigint
  readonly key: KeyValues
}

/**
 * The SQLite primary, read by the applier. SQLite has one writer, so the order of `seq` is the order of
 * commits: "everything up to seq" is exact, and so is deleting it.
 */
export class SqliteSource implements Source {
  readonly #file: SqliteFile
  readonly #writer: SqliteWriter
  readonly #installed: () => InstalledTables
  readonly #twin: Twin | undefined
  #idle: SnapshotConnection | undefined
  #discard: Discard | undefined

  /** @param twin opens a snapshot with each of this source's, in the hope that nothing is written in between */
  constructor(
    file: SqliteFile,
    writer: SqliteWriter,
    installed: () => InstalledTables,
    twin?: Twin,
  ) {
    this.#file = file
    this.#writer = writer
    this.#installed = installed
    this.#twin = twin
  }

  /** @throws StalePositionError where SQLite is not the primary, or the tables are another install's. */
  async open(): Promise<SqliteSnapshot> {
    const connection = this.#idle ?? new SnapshotConnection(this.#file.openReader())
    this.#idle = undefined
    const { tables, version } = this.#installed()
    const ofTwin = this.#twin?.begin()
    const snapshot = new SqliteSnapshot(connection, tables, (freed) => this.#reuse(freed), ofTwin)
    // Entries of a table that this process does not know yet would be skipped, and removed.
    if (snapshot.primary === 'sqlite' && snapshot.schemaVersion === version) return snapshot
    await snapshot.close()
    throw new StalePositionError('SQLite is not the primary any more, or was installed anew')
  }

  /**
   * Removes the entries of a committed batch. The newest entry of all stays, as number 0's, so that
   * `seq` never starts again, and so that no AUTOINCREMENT leaves a trace in the application's schema.
   */
  async discard(batch: Batch, quarantined: number): Promise<void> {
    const { through } = batch.receipt as { through: bigint }
    this.#discard ??= createDiscard(this.#writer.db)
    const discard = this.#discard
    const publish = batch.complete ? batch.token : null
    const comeOver = await readComeOver(this.#file.reader, this.#installed().tables, through)
    await this.#writer.writeTogether(() => discard({ through, publish, quarantined, comeOver }))
  }

  close(): void {
    this.#idle?.db.close()
    this.#idle = undefined
  }

  #reuse(connection: SnapshotConnection): void {
    if (this.#idle === undefined && this.#file.reader.open) this.#idle = connection
    else connection.db.close()
  }
}

/** The tables as one process knows them, and the schema's version that they were installed at. */
export interface InstalledTables {
  readonly tables: readonly Table[]
  readonly version: number
}

/** A read-only connection with its prepared statements. */
class SnapshotConnection {
  readonly db: Connection
  readonly control: () => ControlRow
  readonly newestSeq: Statement
  readonly entries: Statement
  readonly #readers = new Map<Table, RowReader>()

  constructor(db: Connection) {
    this.db = db
    this.control = controlReader(db)
    this.newestSeq = db.prepare('SELECT max(seq) FROM _lockstep_journal').pluck().safeIntegers()
    this.entries = db
      .prepare('SELECT * FROM _lockstep_journal WHERE seq > ? AND tbl <> 0 ORDER BY seq LIMIT ?')
      .raw()
      .safeIntegers()
  }

  reader(table: Table): RowReader {
    let reader = this.#readers.get(table)
    if (reader === undefined) {
      reader = createRowReader(this.db, table)
      this.#readers.set(table, reader)
    }
    return reader
  }
}

/** One read transaction of SQLite. */
export class SqliteSnapshot implements SourceSnapshot {
  readonly db: Connection
  readonly epoch: number
  readonly primary: string
  readonly schemaVersion: number
  /** Whether the snapshot of the twin holds the same. */
  readonly hasTwin: boolean
  readonly #connection: SnapshotConnection
  readonly #tables: ReadonlyMap<number, Table>
  readonly #release: (connection: SnapshotConnection) => void
  #after = 0n
  #closed = false

  constructor(
    connection: SnapshotConnection,
    tables: readonly Table[],
    release: (connection: SnapshotConnection) => void,
    ofTwin: SnapshotState | undefined,
  ) {
    this.db = connection.db
    this.#connection = connection
    this.#tables = new Map(tables.map((table) => [table.id, table]))
    this.#release = release
    this.db.exec('BEGIN')
    const control = connection.control()
    this.epoch = control.epoch
    this.primary = control.primary
    this.schemaVersion = control.schemaVersion
    this.hasTwin = ofTwin !== undefined && isTwin(this.db, ofTwin)
  }

  rewind(): void {
    this.#after = 0n
  }

  async read(limits: BatchLimits): Promise<Batch> {
    const token = this.#newestSeq()
    const entries = this.#entries(limits.maxEntries)
    const gathered = await this.#gather(entries, limits.maxBytes)
    const last = entries[gathered.used - 1]
    if (last !== undefined) this.#after = last.seq
    const complete = gathered.used === entries.length && entries.length < limits.maxEntries
    return {
      epoch: this.epoch,
      changes: gathered.changes,
      entries: gathered.used,
      bytes: gathered.bytes,
      complete,
      token,
      counters: readCounters(this.db),
      receipt: { through: this.#after },
    }
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#closed = true
    this.db.exec('COMMIT')
    this.#release(this.#connection)
    return Promise.resolve()
  }

  #newestSeq(): bigint {
    return (this.#connection.newestSeq.get() as bigint | null) ?? 0n
  }

  #entries(limit: number): JournalEntry[] {
    const rows = this.#connection.entries.all(this.#after, BigInt(limit)) as [
      bigint,
      bigint,
      ...Value[],
    ][]
    return rows.map(([seq, tbl, ...key]) => ({ seq, tbl, key }))
  }

  /** Reads the rows that the entries name, each key once, in slices that let the application run. */
  async #gather(
    entries: readonly JournalEntry[],
    maxBytes: number,
  ): Promise<{ changes: TableChange[]; used: number; bytes: number }> {
    const changes = new Map<Table, Gathered>()
    let bytes = 0
    let used = 0
    let sliceEnd = performance.now() + sliceMs
    for (const entry of entries) {
      if (bytes >= maxBytes) break
      used++
      const table = this.#tables.get(Number(entry.tbl))
      if (table === undefined) continue
      bytes += this.#gatherOne(changes, table, entry)
      if ((used & 15) === 0 && performance.now() > sliceEnd) {
        await yieldToEventLoop()
        sliceEnd = performance.now() + sliceMs
      }
    }
    return { changes: [...changes.values()].map(({ change }) => change), used, bytes }
  }

  #gatherOne(changes: Map<Table, Gathered>, table: Table, entry: JournalEntry): number {
    const key = exactKey(this.db, entry.seq, entry.key.slice(0, table.key.columns.length))
    let gathered = changes.get(table)
    if (gathered === undefined) {
      gathered = { seen: new Set(), change: { table, upserts: [], deletes: [], unreadable: [] } }
      changes.set(table, gathered)
    }
    const text = keyText(key)
    if (gathered.seen.has(text)) return 0
    gathered.seen.add(text)
    const reader = this.#connection.reader(table)
    const nullAt = key.indexOf(null)
    if (nullAt !== -1 && reader.hasNullKey(key)) {
      const column = table.key.columns[nullAt] as string
      gathered.change.unreadable.push({ key, column, reason: 'NULL in the primary key' })
      return 16
    }
    const row = nullAt === -1 ? reader.get(key) : undefined
    if (row === undefined) {
      gathered.change.deletes.push(key)
      return 16
    }
    const column = invalidColumn(table, key) ?? reader.invalidText(row)
    if (column === undefined) gathered.change.upserts.push(row)
    else gathered.change.unreadable.push({ key, column, reason: invalidText })
    return sizeOf(row)
  }
}

interface Gathered {
  readonly seen: Set<string>
  readonly change: {
    table: Table
    upserts: Row[]
    deletes: KeyValues[]
    unreadable: UnreadableRow[]
  }
}

function sizeOf(row: Row): number {
  let size = 0
  for (const value of row) {
    size += typeof value === 'string' || Buffer.isBuffer(value) ? value.length + 8 : 8
  }
  return size
}
