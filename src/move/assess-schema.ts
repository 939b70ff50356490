import { chooseTypes } from '../schema/map.ts'
import type { Finding, Table } from '../schema/model.ts'
import { resolveOverrides, type TypeOverrides } from '../schema/overrides.ts'
import type { TableProfile } from '../schema/profile.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'
import { isInstalled } from '../sqlite/control.ts'
import { installedTables } from '../sqlite/install.ts'
import type { PostgresType } from '../values/value.ts'
import { keptTypes, numbered, readApplicationSchema } from './install.ts'

/** The schema of the file, before anything is known of its rows. */
export interface SchemaToAssess {
  readonly tables: readonly SourceTable[]
  /** Of an earlier install: the types that their columns have been given stay. */
  readonly before: readonly Table[]
  /** What a configuration or an earlier install has chosen, by `columnPath`. */
  readonly chosen: ReadonlyMap<string, PostgresType>
  readonly findings: readonly Finding[]
}

/** @throws LockstepError CONFIG_INVALID for a chosen type that its column rules out, SCHEMA_UNSUPPORTED */
export function readSchemaToAssess(db: Connection, columns: TypeOverrides): SchemaToAssess {
  const before = isInstalled(db) ? installedTables(db) : []
  const { tables, findings } = readApplicationSchema(db)
  const chosen = resolveOverrides({ ...keptTypes(before, tables), ...columns }, tables)
  return { tables, before, chosen, findings }
}

/** The tables as `install` would have them. @param profiles in the order of the tables and of their columns */
export function mapAssessed(
  { tables, before, chosen }: SchemaToAssess,
  profiles: readonly TableProfile[],
): readonly Table[] {
  return numbered(chooseTypes(tables, profiles, chosen), before)
}
