import { LockstepError } from '../core/errors.ts'
import { affinityOf } from './affinity.ts'
import type { Index, Key } from './model.ts'
import { foldName } from './quote.ts'
import { numberOf, textOf, textOrNull, type SchemaReader } from './reader.ts'
import type { SourceColumn } from './source.ts'
import type { TableText } from './table-text.ts'

/** Every column in order of declaration, generated ones included. */
export function readColumns(
  db: SchemaReader,
  table: string,
  { strict, text }: { strict: boolean; text: TableText | null },
): SourceColumn[] {
  const rows = db.all(
    `SELECT name, type, "notnull", dflt_value, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid`,
    table,
  )
  return rows.map((row) => {
    const name = textOf(row, 'name')
    const declaredType = textOf(row, 'type')
    const collation = text?.collations.get(name)
    const generatedSql = text?.generated.get(name)
    return {
      name,
      declaredType,
      affinity: affinityOf(declaredType, strict),
      notNull: numberOf(row, 'notnull') !== 0,
      defaultSql: textOrNull(row, 'dflt_value'),
      // 2 is a virtual generated column, 3 a stored one. https://www.sqlite.org/pragma.html#pragma_table_xinfo
      generated: numberOf(row, 'hidden') >= 2,
      ...(generatedSql === undefined ? {} : { generatedSql }),
      ...(collation === undefined ? {} : { collation }),
    }
  })
}

/**
 * What names a row. An INTEGER PRIMARY KEY is the rowid exactly where SQLite made no index for it, which
 * leaves out INT PRIMARY KEY and the historical INTEGER PRIMARY KEY DESC.
 * https://www.sqlite.org/lang_createtable.html#rowids_and_the_integer_primary_key
 */
export function readKey(
  db: SchemaReader,
  table: string,
  facts: {
    withoutRowid: boolean
    columns: readonly SourceColumn[]
    indexes: readonly Index[]
  },
): Key {
  const rows = db.all(
    `SELECT name FROM pragma_table_xinfo(?, 'main') WHERE pk > 0 ORDER BY pk`,
    table,
  )
  const columns = rows.map((row) => textOf(row, 'name'))
  if (columns.length === 0 || (!facts.withoutRowid && isNeverGiven(columns, facts.columns)))
    return { kind: 'rowid', columns: [rowidAlias(table, facts.columns)] }
  const indexed = facts.indexes.some((index) => index.origin === 'pk')
  return { kind: indexed || facts.withoutRowid ? 'declared' : 'integer', columns }
}

/**
 * SERIAL is a number that the database gives, on other databases: SQLite knows no such type, so the key is
 * NULL in every row. Drizzle's table of migrations has one. The rowid is what tells such rows apart.
 */
function isNeverGiven(key: readonly string[], columns: readonly SourceColumn[]): boolean {
  const [name, second] = key
  if (second !== undefined) return false
  const column = columns.find((each) => each.name === name)
  return (
    column !== undefined && !column.notNull && /^(?:small|big)?serial\b/i.test(column.declaredType)
  )
}

/** The first name of the rowid that no column of the table takes for itself. */
function rowidAlias(table: string, columns: readonly SourceColumn[]): string {
  const taken = new Set(columns.map((column) => foldName(column.name)))
  const alias = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name))
  if (alias !== undefined) return alias
  throw new LockstepError(
    'SCHEMA_UNSUPPORTED',
    `table "${table}" has no primary key, and columns of its own named rowid, _rowid_ and oid hide ` +
      'the rowid. Rename one of them or declare a primary key.',
    { details: { table } },
  )
}
