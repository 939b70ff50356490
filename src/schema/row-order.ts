import { foldName } from './quote.ts'
import type { SourceTable } from './source.ts'

/**
 * The columns by which the rows of a table are read: each row has its own place by them, and an index finds it. The
 * rowid where there is one, else the key. Null for a rowid table whose columns take all names of the rowid for
 * themselves: nothing tells its rows apart for sure, as its key may hold NULL.
 */
export function rowOrder({
  key,
  columns,
  withoutRowid,
}: Pick<SourceTable, 'key' | 'columns' | 'withoutRowid'>): readonly string[] | null {
  if (withoutRowid || key.kind !== 'declared') return key.columns
  const taken = new Set(columns.map(({ name }) => foldName(name)))
  const alias = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name))
  return alias === undefined ? null : [alias]
}
