import type { QuarantineEntry, TableChange } from '../place/place.ts'
import { keyPositions, type ShippedColumn, type Table } from '../schema/model.ts'
import { arrayText } from '../values/array-text.ts'
import { codecFor, Unencodable } from '../values/codec.ts'
import { keyText } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { TableSql } from './table-sql.ts'

/** The change of one table in PostgreSQL's text form. */
export interface EncodedChange {
  readonly table: Table
  readonly sql: TableSql
  /** How many rows can go in. */
  readonly rows: number
  /** One array literal per written column, of the rows from `from` up to, not including, `to`. */
  columns(from: number, to: number): string[]
  /** The key of each row that can go in. */
  readonly upsertKeyTexts: readonly string[]
  /** One array literal per key column: rows that are gone, and rows that PostgreSQL cannot take. */
  readonly removedKeys: readonly string[]
  /** The same with the keys of the rows that go in. */
  readonly allKeys: readonly string[]
  /** Every key of the change, as quarantine names it. */
  readonly keyTexts: readonly string[]
  readonly rejected: readonly QuarantineEntry[]
}

export function encodeChange(change: TableChange, sql: TableSql): EncodedChange {
  const { table } = change
  const positions = keyPositions(table)
  const keyOf = (row: Row): KeyValues => positions.map((position) => row[position] as Value)
  const columns: (string | null)[][] = sql.written.map(() => [])
  const upsertKeyTexts: string[] = []
  const upsertKeys: KeyValues[] = []
  const gone: KeyValues[] = [...change.deletes, ...change.unreadable.map(({ key }) => key)]
  const rejected: QuarantineEntry[] = change.unreadable.map(({ key, column, reason }) => ({
    table: table.name,
    key: keyText(key),
    column,
    reason,
  }))
  const written = sql.written.map((position) => sql.columns[position] as ShippedColumn)
  const codecs = written.map(codecFor)
  for (const row of change.upserts) {
    const encoded = encodeRow(row, sql.written, codecs)
    const key = keyOf(row)
    if (Array.isArray(encoded)) {
      for (const [index, text] of encoded.entries())
        (columns[index] as (string | null)[]).push(text)
      upsertKeys.push(key)
      upsertKeyTexts.push(keyText(key))
    } else {
      gone.push(key)
      rejected.push({
        table: table.name,
        key: keyText(key),
        column: (written[encoded.column] as ShippedColumn).name,
        reason: encoded.reason,
      })
    }
  }
  const removed = encodeKeys(gone, sql)
  return {
    table,
    sql,
    rows: upsertKeys.length,
    columns: (from, to) =>
      columns.map((column) =>
        arrayText(from === 0 && to === column.length ? column : column.slice(from, to)),
      ),
    upsertKeyTexts,
    removedKeys: removed,
    get allKeys() {
      return encodeKeys([...gone, ...upsertKeys], sql)
    },
    keyTexts: [...gone.map((key) => keyText(key)), ...upsertKeyTexts],
    rejected,
  }
}

function encodeRow(
  row: Row,
  written: readonly number[],
  codecs: readonly ReturnType<typeof codecFor>[],
): (string | null)[] | { column: number; reason: string } {
  const encoded: (string | null)[] = []
  for (const [index, codec] of codecs.entries()) {
    const text = codec.encode(row[written[index] as number] as Value)
    if (text instanceof Unencodable) return { column: index, reason: text.reason }
    encoded.push(text)
  }
  return encoded
}

/** Keys that PostgreSQL cannot hold name no row there, so there is nothing to remove. */
function encodeKeys(keys: readonly KeyValues[], sql: TableSql): string[] {
  const codecs = sql.keyColumns.map(codecFor)
  const columns: string[][] = sql.keyColumns.map(() => [])
  for (const key of keys) {
    const texts = key.map((value, index) =>
      (codecs[index] as (typeof codecs)[number]).encode(value),
    )
    if (!texts.every((text): text is string => typeof text === 'string')) continue
    for (const [index, text] of texts.entries()) (columns[index] as string[]).push(text)
  }
  return columns.map(arrayText)
}
