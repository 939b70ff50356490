import { createHash } from 'node:crypto'
import type { PlaceName } from '../place/place.ts'
import { keyCodec } from '../schema/key-codec.ts'
import { shippedColumns, type Table } from '../schema/model.ts'
import { foldName } from '../sql/quote.ts'
import { storageClass } from '../values/codec.ts'
import { keyText } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import { unequalColumns, type RowPair } from './compare.ts'
import type { Case } from './divergence.ts'
import { keyPositionsIn } from './rules.ts'
import type { DifferingRow, WriteFinding } from './rehearsal-verdict.ts'
import type { Different } from './verdict.ts'

/** What tells two runs of a statement apart where no row is named; nothing of the arguments can be read from it. */
export function argumentsId(salt: string, args: readonly unknown[]): string {
  const text = JSON.stringify(args, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
  return createHash('sha256').update(salt).update(text).digest('hex').slice(0, 16)
}

/**
 * The rows in which the answers differ, each with where it is.
 * @param runId stands for the whole answer where nothing names its rows
 */
export function casesOf(verdict: Different, runId: string, withValues: boolean): Case[] {
  const { difference, failures } = verdict
  if (difference.pairs.length === 0) {
    const sqlite = failures === null ? null : (failures.sqlite ?? 'an answer')
    const postgres = failures === null ? null : (failures.postgres ?? 'an answer')
    return [{ id: runId, rows: [], keys: [], columns: [], sqlite, postgres }]
  }
  const cases = new Map<string, Case>()
  for (const [at, pair] of difference.pairs.entries()) {
    const one = caseOf(verdict, pair, verdict.keys[at] ?? null, { runId, withValues })
    const known = cases.get(one.id)
    cases.set(one.id, known === undefined ? one : joined(known, one))
  }
  return [...cases.values()]
}

/** Rows that nothing tells apart are one case, which shows what each place has of them, up to a bound. */
function joined(known: Case, one: Case): Case {
  return {
    ...known,
    columns: [...new Set([...known.columns, ...one.columns])],
    sqlite: joinedText(known.sqlite, one.sqlite),
    postgres: joinedText(known.postgres, one.postgres),
  }
}

function joinedText(known: string | null, text: string | null): string | null {
  if (known === null || text === null) return known ?? text
  return known.length > maxJoined || known === text ? known : `${known}; ${text}`
}

/** So many characters of a case's rows, beyond which no further row is shown. */
const maxJoined = 500

function caseOf(
  verdict: Different,
  pair: RowPair,
  key: KeyValues | null,
  { runId, withValues }: { runId: string; withValues: boolean },
): Case {
  const columns = unequalColumns(pair, verdict.rules)
  const found = placesOf(verdict, pair, key, columns)
  const rows = found.map(({ table, values }) => ({ table: table.name, key: keyText(values) }))
  const describe = (row: Row | null): string | null => {
    if (row === null) return null
    if (columns.length === 0 && !withValues) return 'a row'
    const shown = columns.length === 0 ? [...row.keys()] : columns
    return shown.map((at) => valueText(row[at] ?? null, withValues)).join(', ')
  }
  return {
    id: rows.length === 0 ? runId : rows.map((row) => `${row.table} ${row.key}`).join(' '),
    rows,
    keys: found.map(({ texts }) => texts),
    columns: columns.map((at) => verdict.columns[at]?.name ?? ''),
    sqlite: describe(pair.sqlite),
    postgres: describe(pair.postgres),
  }
}

/** One run of a write, with the rows that it leaves different. */
export function caseOfWrite(
  { rows, sqlite, postgres }: WriteFinding,
  runId: string,
  withValues: boolean,
): Case {
  const shownRows = rows.slice(0, maxRowsOfWrite)
  const describe = (place: PlaceName, said: string | null): string | null => {
    if (said !== null) return said
    const texts = shownRows.flatMap(({ columns, ...row }) => {
      const values = row[place]
      if (values === null) return columns.length === 0 ? ['no row'] : []
      if (columns.length === 0) return ['a row']
      return columns.map((at) => valueText(values[at] ?? null, withValues))
    })
    return texts.join(', ')
  }
  return {
    id: runId,
    rows: shownRows.map(({ table, text }) => ({ table: table.name, key: text })),
    keys: shownRows.map(({ table, key }) => keyCodec(table).encode(key) ?? []),
    columns: [...new Set(shownRows.flatMap(namesOf))],
    sqlite: describe('sqlite', sqlite),
    postgres: describe('postgres', postgres),
  }
}

function namesOf({ table, columns }: DifferingRow): string[] {
  return columns.map((at) => shippedColumns(table)[at]?.name ?? '')
}

/** So many rows are kept of one run. */
const maxRowsOfWrite = 10

interface Place {
  readonly table: Table
  readonly values: KeyValues
  readonly texts: readonly string[]
}

/** Where the row is: in the table that has the columns which differ, if it is one, else in all that are named. */
function placesOf(
  { columns: described, tables, keyTable }: Different,
  pair: RowPair,
  key: KeyValues | null,
  columns: readonly number[],
): Place[] {
  const row = pair.sqlite ?? pair.postgres ?? []
  const origins = new Set(columns.map((at) => foldName(described[at]?.table ?? '')))
  const named = tables.flatMap((table): Place[] => {
    const positions = keyPositionsIn(described, table)
    if (positions !== undefined)
      return placeOf(
        table,
        positions.map((at) => row[at] ?? null),
      )
    return key !== null && table.name === keyTable ? placeOf(table, key) : []
  })
  const differing = named.filter(({ table }) => origins.has(foldName(table.name)))
  return differing.length > 0 ? differing : named
}

/** Of an outer join a row may have no part. */
function placeOf(table: Table, values: KeyValues): Place[] {
  const texts = values.includes(null) ? null : keyCodec(table).encode(values)
  return texts === null ? [] : [{ table, values, texts }]
}

function valueText(value: Value, withValues: boolean): string {
  if (withValues) return keyText([value])
  if (typeof value === 'string') return `TEXT of ${value.length} characters`
  return Buffer.isBuffer(value) ? `BLOB of ${value.length} bytes` : storageClass(value)
}
