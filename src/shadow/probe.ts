import { keyPositionsIn } from './rules.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { foldName } from '../sql/quote.ts'
import type { OriginColumn } from '../sqlite/capped-read.mjs'
import type { Subject } from './subject.ts'

/** A statement that asks SQLite for more than the application's: all rows, what they are sorted by, their keys. */
export interface Probe {
  readonly sql: string
  /** How many columns stand behind the application's: those that sort, then those of the key. */
  readonly terms: number
  readonly key: number
  /** The table that the key is of. */
  readonly keyTable: string | null
}

/**
 * The statement without the LIMIT that lets a place choose among ties, with the terms of its ORDER BY and
 * the key of its table as further columns. What cannot be added is left out.
 * @param wanted which of these are needed
 * @returns null where nothing of it can be had
 */
export function probeOf(
  subject: Subject,
  columns: readonly OriginColumn[],
  tables: readonly Table[],
  wanted: { readonly all: boolean; readonly terms: boolean },
): Probe | null {
  const { statement, simple } = subject
  const text = wanted.all ? withoutLimit(subject) : statement.sql
  const terms = wanted.terms && simple !== null ? hiddenTerms(subject) : []
  const table = tableWithoutKey(subject, columns, tables)
  const key = table?.key.columns.map(quote) ?? []
  const added = [...terms, ...key]
  if (added.length === 0 && !wanted.all) return null
  const sql = added.length === 0 ? text : withColumns(subject, text, added)
  return { sql, terms: terms.length, key: key.length, keyTable: table?.name ?? null }
}

/** All terms, in their order; none where one of them cannot be asked for. */
function hiddenTerms({ terms }: Subject): string[] {
  const texts = terms.flatMap(({ text }) => text ?? [])
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
 * SQLite takes a negative LIMIT for none. What stood there stays in the text, so that no parameter gets another
 * number and none is left over.
 */
function withoutLimit({ limit, statement: { sql } }: Subject): string {
  if (limit === null) return sql
  const edits = [
    { span: limit.expr.span, around: '-1 + 0 * ' },
    ...(limit.offset === undefined ? [] : [{ span: limit.offset.span, around: '0 * ' }]),
  ].toSorted((a, b) => b.span.offset - a.span.offset)
  return edits.reduce((text, { span: { offset, length }, around }) => {
    const end = offset + length
    return `${text.slice(0, offset)}(${around}(${text.slice(offset, end)}))${text.slice(end)}`
  }, sql)
}
