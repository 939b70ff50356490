import type { Catalog } from '../catalog.ts'
import { foldName, quoteName } from '../quote.ts'
import { typed } from './expression.ts'
import { listedNames, listedRows, type ListedColumn } from './listed-rows.ts'
import type { Source } from './scope.ts'
import { derivedSource } from './sources.ts'

export function isSchemaTable(name: string): boolean {
  const folded = foldName(name)
  return folded === 'sqlite_master' || folded === 'sqlite_schema'
}

const COLUMNS: readonly ListedColumn[] = [
  { name: 'type', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'tbl_name', type: 'text' },
  { name: 'rootpage', type: 'integer' },
  { name: 'sql', type: 'text' },
]

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
  const columns = COLUMNS.map(({ name, type }) => {
    const sql = quoteName(name)
    const expression = typed(sql, type, { affinity: type, collationFrom: 'column' })
    return { name, sqlName: sql, expression }
  })
  const rows = schemaRows.map((row) => [row.type, row.name, row.tblName, row.rootpage, row.sql])
  return {
    sql: `(${listedRows(COLUMNS, rows)}) AS ${sqlName} ${listedNames(COLUMNS)}`,
    source: derivedSource(name, sqlName, columns),
  }
}
