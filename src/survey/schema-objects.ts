import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'

/** What a schema has besides its tables, by names. */
export interface SchemaObjects {
  readonly views: readonly string[]
  readonly triggers: readonly { readonly name: string; readonly table: string }[]
  readonly virtualTables: readonly string[]
  /** Collations other than BINARY, of columns and of indexes. */
  readonly collations: readonly string[]
}

export function schemaObjects(db: Connection, tables: readonly SourceTable[]): SchemaObjects {
  const named = (type: string): string[] =>
    db
      .prepare(
        `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = ? ORDER BY name`,
      )
      .pluck()
      .all(type) as string[]
  const collations = tables.flatMap(({ columns, indexes }) => [
    ...columns.map(({ collation }) => collation ?? 'BINARY'),
    ...indexes.flatMap(({ parts }) => parts.map(({ collation }) => collation)),
  ])
  return {
    views: named('view'),
    triggers: tables.flatMap(({ name: table, triggers }) =>
      triggers.map(({ name }) => ({ name, table })),
    ),
    virtualTables: named('virtual'),
    collations: [...new Set(collations)].filter((name) => name !== 'BINARY').toSorted(),
  }
}
