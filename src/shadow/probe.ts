import { keyPositionsIn } from './rules.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { foldName } from '../sql/quote.ts'
import type { OriginColumn } from '../sqlite/capped-read.mjs'
import type { Subject } from './subject.ts'

/** A statement that asks SQLite for more than the application's: more rows, what they are sorted by, their keys. */
export interface Probe {
  readonly sql: string
  /** The most rows that it gives; null where it is as many as are compared. */
  readonly rows: number | null
  /** Whether nothing that a LIMIT chooses from comes before its first row. */
  readonly isFromStart: boolean
  /** How many columns stand behind the application's: those that sort, then those of the key. */
  readonly terms: number
  readonly key: number
  /** The table that the key is of. */
  readonly keyTable: string | null
}

/** So many rows before and behind those of a sorted answer are asked for: the ties at its edges are among them. */
const margin = 500

/**
 * The statement with a wider LIMIT where that lets a place choose among ties, with the terms of its ORDER BY and
 * the key of its table as further columns. What cannot be added is left out.
 * @param wanted so many rows of an answer whose LIMIT is to be wider, else null; and whether terms are needed
 * @returns null where nothing of it can be had
 */
export function probeOf(
  subject: Subject,
  columns: readonly OriginColumn[],
  tables: readonly Table[],
  wanted: { readonly around: number | null; readonly terms: boolean },
): Probe | null {
  const { statement, simple, limit } = subject
  const isSorted = subject.terms.length > 0
  const rows = wanted.around === null || !isSorted ? null : wanted.around + 2 * margin
  const text = wanted.around === null ? statement.sql : withOtherLimit(subject, rows)
  const terms = wanted.terms && simple !== null ? hiddenTerms(subject) : []
  const table = tableWithoutKey(subject, columns, tables)
  const key = table?.key.columns.map(quote) ?? []
  const added = [...terms, ...key]
  if (added.length === 0 && wanted.around === null) return null
  const sql = added.length === 0 ? text : withColumns(subject, text, added)
  const isFromStart = !isSorted || limit?.offset === undefined
  const keyTable = table?.name ?? null
  return { sql, rows, isFromStart, terms: terms.length, key: key.length, keyTable }
}

/** All terms, in their order; none where one of them cannot be asked for: as a column the name of a result is another's. */
function hiddenTerms({ terms, simple }: Subject): string[] {
  const results = new Set(
    simple?.columns.flatMap((column) =>
      column.type === 'ExprResultColumn' ? foldName(column.alias?.name.text ?? '') : [],
    ),
  )
  const texts = terms.flatMap(({ text, name }) =>
    text === null || (name !== null && results.has(name)) ? [] : text,
  )
  return texts.length === terms.length ? texts : []
}

/** The only table that is read, where the answer has not got its key. */
function tableWithoutKey(
  { simple, statement }: Subject,
  columns: readonly OriginColumn[],
  tables: readonly Table[],
): Table | null {
  const source = simple?.from?.select
  if (source?.type !== 'TableSelectTable' || (simple?.from?.joins ?? []).length > 0) return null
  const name = foldName(source.tblName.objName.text)
  if (statement.tables.length > 1 && foldName(statement.tables[0] ?? '') !== name) return null
  const table = tables.find((one) => foldName(one.name) === name)
  return table !== undefined && keyPositionsIn(columns, table) === undefined ? table : null
}

/** Behind the last column of the SELECT, so that no parameter gets another number. */
function withColumns({ simple }: Subject, sql: string, added: readonly string[]): string {
  const last = simple?.columns.at(-1)
  if (last === undefined) return sql
  const end = last.span.offset + last.span.length
  return `${sql.slice(0, end)}, ${added.join(', ')}${sql.slice(end)}`
}

/**
 * So many rows, beginning a margin earlier, or all where it is null: SQLite takes a negative LIMIT for none. What stood
 * there stays in the text, so that no parameter gets another number and none is left over.
 */
function withOtherLimit({ limit, statement: { sql } }: Subject, rows: number | null): string {
  if (limit === null) return sql
  const offsetOf = (text: string): string =>
    rows === null ? `(0 * (${text}))` : `(max(0, (${text}) - ${margin}))`
  const edits = [
    { span: limit.expr.span, edited: (text: string) => `(${rows ?? -1} + 0 * (${text}))` },
    ...(limit.offset === undefined ? [] : [{ span: limit.offset.span, edited: offsetOf }]),
  ].toSorted((a, b) => b.span.offset - a.span.offset)
  return edits.reduce((text, { span: { offset, length }, edited }) => {
    const end = offset + length
    return `${text.slice(0, offset)}${edited(text.slice(offset, end))}${text.slice(end)}`
  }, sql)
}
