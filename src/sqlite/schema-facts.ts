import type { Catalog, PragmaRow, SchemaRow } from '../sql/catalog.ts'
import { foldName } from '../sql/quote.ts'
import { schemaRowsOf } from '../sql/schema-query.ts'
import type { Connection } from './connection.ts'
import { sqliteError } from './errors.ts'
import { isInstalled } from './control.ts'

export type SchemaFacts = Required<Pick<Catalog, 'schemaRows' | 'pragmaRows'>>

/**
 * What statements may ask of the schema beside the application's tables, without Lockstep's own objects. PRAGMAs are
 * asked when a statement needs them.
 */
export function readSchemaFacts(db: Connection): SchemaFacts {
  const schema = schemaRowsOf(isInstalled(db))
  const known = new Map<string, readonly PragmaRow[]>()
  const schemaRows = db
    .prepare(`SELECT type, name, tbl_name AS tblName, rootpage, sql FROM ${schema}`)
    .safeIntegers(false)
    .all() as SchemaRow[]
  return {
    schemaRows,
    pragmaRows(name) {
      const rows = known.get(name) ?? readPragma(db, name, schema)
      known.set(name, rows)
      return rows
    },
  }
}

/** @param name of a PRAGMA's table-valued function, which the translator knows */
function readPragma(db: Connection, name: string, schema: string): readonly PragmaRow[] {
  try {
    const rows = db
      .prepare(
        `SELECT asked.name, answer.* FROM ${schema} AS asked, "${name}"(asked.name, 'main') AS answer
         WHERE asked.type IN ('table', 'index', 'view')`,
      )
      .raw()
      .safeIntegers(false)
      .all() as [string, ...PragmaRow['values']][]
    return rows.map(([of, ...values]) => ({ of: foldName(of), values }))
  } catch (error) {
    throw sqliteError(error)
  }
}
