import type { Finding, Table } from '../schema/model.ts'
import type { TypeOverrides } from '../schema/overrides.ts'
import type { Connection } from '../sqlite/connection.ts'
import { isInstalled } from '../sqlite/control.ts'
import { installedTables } from '../sqlite/install.ts'
import { readMapped } from './install.ts'
import { planSchema } from './schema.ts'

export interface AssessedSchema {
  readonly tables: readonly Table[]
  readonly findings: readonly Finding[]
}

/**
 * What `install` and `schema` would say of the schema and of the values that its columns hold. Reads the file alone, and
 * every table of it once.
 * @param schema of the tables on PostgreSQL
 */
export function assessSchema(
  db: Connection,
  { columns, schema }: { columns: TypeOverrides; schema: string },
): AssessedSchema {
  const before = isInstalled(db) ? installedTables(db) : []
  const { tables, findings } = readMapped(db, before, columns)
  return { tables, findings: [...findings, ...planSchema(tables, schema).findings] }
}
