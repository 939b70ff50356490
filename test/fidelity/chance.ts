import type Database from 'better-sqlite3'
import type { Table } from '../../src/schema/model.ts'
import { quoteIdentifier as quote } from '../../src/schema/quote.ts'

const largest = 9_223_372_036_854_775_807n

/** Behind the largest rowid SQLite takes a free one at random. https://www.sqlite.org/autoinc.html */
export function drawsRowid(sqlite: Database.Database, { key, name }: Table): boolean {
  if (key.kind === 'declared') return false
  const highest = `SELECT max(${quote(key.columns[0] as string)}) FROM main.${quote(name)}`
  return sqlite.prepare(highest).pluck().get() === largest
}

/** A DEFAULT reads the clock, which may pass the end of a second between the places. */
export function readsClock({ columns }: Table): boolean {
  return columns.some(({ defaultSql }) => /now|current_/i.test(defaultSql ?? ''))
}

export function thisSecond(): number {
  return Math.floor(Date.now() / 1000)
}
