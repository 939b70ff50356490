import { statSync } from 'node:fs'
import type { Connection } from '../sqlite/connection.ts'
import { isInstalled } from '../sqlite/control.ts'

/** What the file and its settings are. */
export interface FileFacts {
  readonly path: string
  /** Whether it is mirrored already, so that its columns have their types. */
  readonly installed: boolean
  readonly sqliteVersion: string
  /** The database and its write-ahead log. */
  readonly bytes: number
  readonly walBytes: number
  readonly journalMode: string
  readonly encoding: string
  readonly pageSize: number
  readonly pages: number
  readonly freePages: number
  readonly autoVacuum: 'none' | 'full' | 'incremental'
  readonly userVersion: number
  readonly applicationId: number
  readonly schemaVersion: number
  /** Of the connection that reads: it is no property of the file, and the application sets its own. */
  readonly foreignKeys: boolean
  readonly recursiveTriggers: boolean
}

/** https://www.sqlite.org/pragma.html */
export function readFileFacts(db: Connection): FileFacts {
  const text = (name: string): string => String(db.pragma(name, { simple: true }))
  const number = (name: string): number => Number(db.pragma(name, { simple: true }))
  return {
    path: db.name,
    installed: isInstalled(db),
    sqliteVersion: db.prepare('SELECT sqlite_version()').pluck().get() as string,
    bytes: bytesOf(db.name),
    walBytes: bytesOf(`${db.name}-wal`),
    journalMode: text('journal_mode'),
    encoding: text('encoding'),
    pageSize: number('page_size'),
    pages: number('page_count'),
    freePages: number('freelist_count'),
    autoVacuum: (['none', 'full', 'incremental'] as const)[number('auto_vacuum')] ?? 'none',
    userVersion: number('user_version'),
    applicationId: number('application_id'),
    schemaVersion: number('schema_version'),
    foreignKeys: number('foreign_keys') === 1,
    recursiveTriggers: number('recursive_triggers') === 1,
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
