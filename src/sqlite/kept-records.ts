import type { Connection, SqliteFile } from './connection.ts'
import { isInstalled } from './control.ts'
import { isSqliteError } from './errors.ts'
import { retryBusy } from './writer.ts'

/** The tables of records: a text for each id, which is JSON of whoever keeps it. */
export type RecordTable = 'divergences' | 'statement_log' | 'health' | 'standstill'

/** Made at install, beside the control record. */
export const recordTables: string = /* sql */ `
  CREATE TABLE IF NOT EXISTS _lockstep_divergences (
    id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, record TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS _lockstep_statement_log (
    id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, record TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS _lockstep_health (
    id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, record TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS _lockstep_standstill (
    id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, record TEXT NOT NULL
  );
`

/** Records of one kind, shared by all processes of the application. Before install there are none, and none are kept. */
export interface KeptRecords<T> {
  all(): T[]
  find(id: string): T | undefined
  /** Changes records in one transaction; `next` may run again where another process writes. Null leaves one as it is. */
  update(
    ids: readonly string[],
    next: (known: T | undefined, id: string) => T | null,
  ): Promise<void>
  close(): void
}

export interface KeptRecordsOptions {
  readonly table: RecordTable
  /** Beyond so many those that were written longest ago go. */
  readonly max: number
  readonly busyTimeoutMs: number
}

/**
 * On a connection of its own: the application's own connection remembers what it has changed last, and would
 * remember this. A write does not wait for the disk, as what a power cut takes is seen again.
 */
export function createKeptRecords<T>(
  file: SqliteFile,
  { table, max, busyTimeoutMs }: KeptRecordsOptions,
): KeptRecords<T> {
  let own: Connection | undefined
  const open = (): Connection => {
    if (own !== undefined) return own
    own = file.openApplier()
    own.pragma('synchronous = NORMAL')
    return own
  }
  const name = `_lockstep_${table}`
  const read = (sql: string, ...args: unknown[]): T[] =>
    orNothing(
      () =>
        file.reader
          .prepare(sql)
          .pluck()
          .all(...args) as string[],
    ).map((text) => JSON.parse(text) as T)
  return {
    all: () => read(`SELECT record FROM ${name} ORDER BY at_ms DESC`),
    find: (id) => read(`SELECT record FROM ${name} WHERE id = ?`, id)[0],
    async update(ids, next) {
      if (ids.length === 0 || !isInstalled(file.reader)) return
      const db = open()
      const write = db.transaction(() => {
        const find = db.prepare(`SELECT record FROM ${name} WHERE id = ?`).pluck()
        const put = db.prepare(
          `INSERT OR REPLACE INTO ${name} (id, at_ms, record) VALUES (?, ?, ?)`,
        )
        for (const id of ids) {
          const text = find.get(id) as string | undefined
          const record = next(text === undefined ? undefined : (JSON.parse(text) as T), id)
          if (record !== null) put.run(id, BigInt(Date.now()), JSON.stringify(record))
        }
        const count = db.prepare(`SELECT count(*) FROM ${name}`).pluck().get() as number
        if (count <= max) return
        db.prepare(
          `DELETE FROM ${name} WHERE id IN (SELECT id FROM ${name} ORDER BY at_ms DESC LIMIT -1 OFFSET ?)`,
        ).run(BigInt(max))
      })
      await retryBusy(() => orNothing(() => (write.immediate(), [])), busyTimeoutMs)
    },
    close() {
      own?.close()
      own = undefined
    },
  }
}

/** An uninstall takes the table away, at any moment; an older install has not made it. */
function orNothing<T>(work: () => T[]): T[] {
  try {
    return work()
  } catch (error) {
    if (isSqliteError(error) && error.message.startsWith('no such table: _lockstep_')) return []
    throw error
  }
}
