import type { Catalog, SchemaRow } from '../catalog.ts'
import { foldName, quoteName, quoteText } from '../quote.ts'
import { typed, type TypedExpression } from './expression.ts'
import type { Source } from './scope.ts'
import { derivedSource } from './sources.ts'

export function isSchemaTable(name: string): boolean {
  const folded = foldName(name)
  return folded === 'sqlite_master' || folded === 'sqlite_schema'
}

const COLUMNS = ['type', 'name', 'tbl_name', 'rootpage', 'sql'] as const

/**
 * SQLite's table of its schema as a list of rows out of the catalog, whose every change gives a new one. Undefined
 * where the catalog does not know them.
 */
export function schemaTable(
  { schemaRows }: Catalog,
  name: string,
  sqlName: string,
): { readonly sql: string; readonly source: Source } | undefined {
  if (schemaRows === undefined) return undefined
  const columns = COLUMNS.map((column) => {
    const sql = quoteName(column)
    return { name: column, sqlName: sql, expression: columnType(column, sql) }
  })
  const list = columns.map((column) => column.sqlName).join(', ')
  const rows = schemaRows.map(rowText)
  const values =
    rows.length === 0
      ? `SELECT ${rowText(NO_ROW).slice(1, -1)} WHERE FALSE`
      : `VALUES ${rows.join(', ')}`
  return {
    sql: `(${values}) AS ${sqlName} (${list})`,
    source: derivedSource(name, sqlName, columns),
  }
}

const NO_ROW: SchemaRow = { type: '', name: '', tblName: '', rootpage: 0, sql: null }

function columnType(column: (typeof COLUMNS)[number], sql: string): TypedExpression {
  const isNumber = column === 'rootpage'
  return typed(sql, isNumber ? 'integer' : 'text', {
    affinity: isNumber ? 'integer' : 'text',
    collationFrom: 'column',
  })
}

function rowText({ type, name, tblName, rootpage, sql }: SchemaRow): string {
  const definition = sql === null ? 'NULL::text' : text(sql)
  return `(${text(type)}, ${text(name)}, ${text(tblName)}, ${rootpage}::bigint, ${definition})`
}

function text(value: string): string {
  return `${quoteText(value)}::text`
}
