import { LockstepError } from '../core/errors.ts'
import { decision } from './findings.ts'
import { readIndexText, type IndexText } from './index-text.ts'
import type { Finding, Index, IndexPart } from './model.ts'
import { numberOf, textOf, textOrNull, type SchemaReader } from './reader.ts'

/** The indexes of a table, by name, so that the order does not depend on how SQLite lists them. */
export function readIndexes(db: SchemaReader, table: string, findings: Finding[]): Index[] {
  const rows = db.all(
    `SELECT listed.name, listed."unique", listed.origin, listed.partial, stored.sql
     FROM pragma_index_list(?, 'main') AS listed
     LEFT JOIN main.sqlite_schema AS stored ON stored.type = 'index' AND stored.name = listed.name
     ORDER BY listed.name`,
    table,
  )
  const indexes: Index[] = []
  for (const row of rows) {
    const index = readIndex(db, row)
    if (index !== null) indexes.push(index)
    else findings.push(notUnderstood(table, row))
  }
  return indexes
}

/** Null where the index needs its text, and the text is not understood. */
function readIndex(db: SchemaReader, row: Record<string, unknown>): Index | null {
  const name = textOf(row, 'name')
  const partRows = db.all(
    `SELECT seqno, cid, name, "desc", coll FROM pragma_index_xinfo(?, 'main') WHERE key ORDER BY seqno`,
    name,
  )
  const partial = numberOf(row, 'partial') !== 0
  // -2 marks an expression, -1 the rowid. https://www.sqlite.org/pragma.html#pragma_index_xinfo
  const needsText = partial || partRows.some((part) => numberOf(part, 'cid') === -2)
  const text = needsText ? readIndexText(textOrNull(row, 'sql') ?? '') : null
  if (needsText && text === null) return null
  return {
    name,
    unique: numberOf(row, 'unique') !== 0,
    origin: textOf(row, 'origin') as Index['origin'],
    parts: partRows.map((part, position) => readPart(part, position, text)),
    where: text?.where ?? null,
  }
}

function readPart(
  row: Record<string, unknown>,
  position: number,
  text: IndexText | null,
): IndexPart {
  const column = textOrNull(row, 'name')
  return {
    column,
    expression: column === null ? (text?.parts[position] ?? 'rowid') : null,
    descending: numberOf(row, 'desc') !== 0,
    collation: textOf(row, 'coll').toUpperCase(),
  }
}

/**
 * A unique index decides which rows REPLACE removes, so capture cannot do without its text; of another
 * index only speed is lost.
 */
function notUnderstood(table: string, row: Record<string, unknown>): Finding {
  const name = textOf(row, 'name')
  if (numberOf(row, 'unique') !== 0) {
    throw new LockstepError(
      'SCHEMA_UNSUPPORTED',
      `the text of unique index "${name}" on table "${table}" is not understood. Create it again in a simpler form.`,
      { details: { table, index: name } },
    )
  }
  return decision('INDEX_NOT_CARRIED', { table }, `the text of index "${name}" is not understood`)
}
