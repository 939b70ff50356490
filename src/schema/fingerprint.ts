import { createHash } from 'node:crypto'
import type { SourceTable } from './source.ts'

/**
 * A short text that changes exactly when the structure of the mirrored tables does: columns, keys,
 * indexes, foreign keys. Tables' numbers and chosen PostgreSQL types are not part of it, so a schema
 * that was just read compares with the one kept since the install. Neither are triggers, whose text
 * Lockstep itself changes while it is installed. The order in which tables were created has no part.
 */
export function fingerprint(schema: { readonly tables: readonly SourceTable[] }): string {
  const tables = schema.tables.map(structure)
  const sorted = tables.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex')
}

/** Arrays instead of objects, so that the order in which properties were written has no part. */
function structure(table: SourceTable): readonly [string, ...unknown[]] {
  return [
    table.name,
    table.withoutRowid,
    table.autoincrement,
    [table.key.kind, table.key.columns],
    table.columns.map((column) => [
      column.name,
      column.declaredType,
      column.affinity,
      column.notNull,
      column.defaultSql,
      column.generatedSql ?? column.generated,
      column.collation ?? 'BINARY',
    ]),
    table.indexes.map(({ name, unique, origin, parts, where }) => [
      name,
      unique,
      origin,
      parts.map((part) => [part.column, part.expression, part.descending, part.collation]),
      where,
    ]),
    table.foreignKeys.map((key) => [
      key.columns,
      key.parent,
      key.parentColumns,
      key.onUpdate,
      key.onDelete,
      key.deferred,
    ]),
  ]
}
