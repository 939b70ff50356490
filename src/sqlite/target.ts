import { yieldToEventLoop } from '../core/wait.ts'
import { messageOf } from '../core/errors.ts'
import {
  RowRefusedError,
  StalePositionError,
  type ApplyResult,
  type Batch,
  type BatchLimits,
  type QuarantineEntry,
  type SourceSnapshot,
  type TableChange,
  type Target,
  type WholeResult,
} from '../place/place.ts'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { keyText } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { Connection, SqliteFile, Statement } from './connection.ts'
import { controlReader, countQuarantined, gate } from './control.ts'
import { isSqliteError } from './errors.ts'
import { keyArguments, keyCondition } from './rows.ts'
import { retryBusy } from './writer.ts'

const sliceMs = 1.5

/** SQLite as the secondary: rows of the PostgreSQL primary are written through a connection of their own. */
export class SqliteTarget implements Target {
  readonly #file: SqliteFile
  readonly #busyTimeoutMs: number
  readonly #onQuarantine: (entry: QuarantineEntry) => void
  readonly #writers = new Map<Table, TableWriter>()
  #open: Connection | undefined
  /** Rows of the batch under way that went to quarantine. */
  #refused = 0

  constructor(
    file: SqliteFile,
    busyTimeoutMs: number,
    onQuarantine: (entry: QuarantineEntry) => void,
  ) {
    this.#file = file
    this.#busyTimeoutMs = busyTimeoutMs
    this.#onQuarantine = onQuarantine
  }

  position(): Promise<bigint> {
    return Promise.resolve(controlReader(this.#db)().batch)
  }

  async apply(batch: Batch, expected: bigint): Promise<ApplyResult> {
    try {
      return await this.#transaction(batch.epoch, expected, async () => {
        for (const change of batch.changes) await this.#write(change, 'strict')
        this.#publish(batch)
      })
    } catch (error) {
      if (isConstraint(error)) throw new RowRefusedError(messageOf(error), { cause: error })
      throw error
    }
  }

  async applyWhole(
    snapshot: SourceSnapshot,
    limits: BatchLimits,
    expected: bigint,
  ): Promise<WholeResult> {
    const first = await snapshot.read(limits)
    let last = first
    const { quarantined } = await this.#transaction(first.epoch, expected, async () => {
      for (let batch = first; ; batch = await snapshot.read(limits)) {
        for (const change of batch.changes) await this.#remove(change)
        if (batch.complete) break
      }
      snapshot.rewind()
      do {
        last = await snapshot.read(limits)
        for (const change of last.changes) await this.#write(change, 'quarantine')
      } while (!last.complete)
      this.#publish(last)
    })
    return { quarantined, batch: last }
  }

  close(): void {
    this.#open?.close()
    this.#open = undefined
    this.#writers.clear()
  }

  get #db(): Connection {
    this.#open ??= this.#file.openApplier()
    return this.#open
  }

  async #transaction(
    epoch: number,
    expected: bigint,
    work: () => Promise<void>,
  ): Promise<ApplyResult> {
    const db = this.#db
    await retryBusy(() => db.exec('BEGIN IMMEDIATE'), this.#busyTimeoutMs)
    try {
      const control = controlReader(db)()
      if (control.epoch !== epoch || control.primary !== 'postgres' || control.batch !== expected) {
        throw new StalePositionError(`batch ${expected} of epoch ${epoch} came too late`)
      }
      this.#refused = 0
      db.prepare('UPDATE _lockstep_control SET gate = ?, batch = batch + 1').run(
        BigInt(gate.applying),
      )
      await work()
      db.prepare('UPDATE _lockstep_control SET gate = ?').run(BigInt(gate.moved))
      countQuarantined(db, this.#refused)
      db.exec('COMMIT')
      return { quarantined: this.#refused }
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  #publish(batch: Batch): void {
    if (!batch.complete) return
    this.#db
      .prepare(
        'UPDATE _lockstep_control SET applied_ticket = max(applied_ticket, ?), applied_at_ms = ?',
      )
      .run(batch.token, BigInt(Date.now()))
  }

  async #remove(change: TableChange): Promise<void> {
    const writer = this.#writer(change.table)
    await inSlices(change.deletes, (key) => writer.remove(key))
    await inSlices(change.upserts, (row) => writer.remove(writer.keyOf(row)))
    await inSlices(change.unreadable, ({ key }) => writer.remove(key))
  }

  async #write(change: TableChange, mode: 'strict' | 'quarantine'): Promise<void> {
    const writer = this.#writer(change.table)
    const names = change.table.name
    const clear = this.#db.prepare('DELETE FROM _lockstep_quarantine WHERE tbl = ? AND key = ?')
    const anyQuarantined = this.#quarantined() > 0
    await inSlices(change.deletes, (key) => {
      writer.remove(key)
      if (anyQuarantined) clear.run(names, keyText(key))
    })
    await inSlices(change.upserts, (row) => {
      if (anyQuarantined) clear.run(names, keyText(writer.keyOf(row)))
      try {
        writer.upsert(row)
      } catch (error) {
        if (mode === 'strict' || !isConstraint(error)) throw error
        this.#quarantine(change.table, writer.keyOf(row), null, messageOf(error))
      }
    })
    for (const { key, column, reason } of change.unreadable) {
      writer.remove(key)
      this.#quarantine(change.table, key, column, reason)
    }
  }

  #quarantine(table: Table, key: KeyValues, column: string | null, reason: string): void {
    const entry = { table: table.name, key: keyText(key), column, reason }
    this.#db
      .prepare(
        'INSERT OR REPLACE INTO _lockstep_quarantine (tbl, key, col, reason, at_ms) VALUES (?, ?, ?, ?, ?)',
      )
      .run(entry.table, entry.key, column, reason, BigInt(Date.now()))
    this.#refused++
    this.#onQuarantine(entry)
  }

  #quarantined(): number {
    return this.#db.prepare('SELECT count(*) FROM _lockstep_quarantine').pluck().get() as number
  }

  #writer(table: Table): TableWriter {
    let writer = this.#writers.get(table)
    if (writer === undefined) {
      writer = createTableWriter(this.#db, table)
      this.#writers.set(table, writer)
    }
    return writer
  }
}

interface TableWriter {
  upsert(row: Row): void
  remove(key: KeyValues): void
  keyOf(row: Row): KeyValues
}

function createTableWriter(db: Connection, table: Table): TableWriter {
  const columns = shippedColumns(table)
  const stored = columns.flatMap((column, index) => (column.generated ? [] : [index]))
  const names = stored.map((index) => quote((columns[index] as { name: string }).name))
  const key = table.key.columns.map(quote)
  const changes = names.map((name) => `${name} = excluded.${name}`)
  // A rowid is no column for ON CONFLICT to name, so a keyless table's row is replaced by deleting it.
  const conflict =
    table.key.kind === 'rowid'
      ? ''
      : ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes.join(', ')}`
  const insert = db.prepare(
    `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})${conflict}`,
  )
  const remove: Statement = db.prepare(
    `DELETE FROM ${quote(table.name)} WHERE ${keyCondition(table)}`,
  )
  const positions = keyPositions(table)
  const keyOf = (row: Row): KeyValues => positions.map((position) => row[position] as Value)
  return {
    keyOf,
    remove: (values) => void remove.run(...keyArguments(table, values)),
    upsert(row) {
      if (table.key.kind === 'rowid') remove.run(...keyArguments(table, keyOf(row)))
      insert.run(...stored.map((index) => row[index] as Value))
    },
  }
}

function isConstraint(error: unknown): boolean {
  return (
    isSqliteError(error) &&
    (error.code.startsWith('SQLITE_CONSTRAINT') || error.code === 'SQLITE_MISMATCH')
  )
}

async function inSlices<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  let sliceEnd = performance.now() + sliceMs
  for (const [index, item] of items.entries()) {
    work(item)
    if ((index & 15) === 15 && performance.now() > sliceEnd) {
      await yieldToEventLoop()
      sliceEnd = performance.now() + sliceMs
    }
  }
}
