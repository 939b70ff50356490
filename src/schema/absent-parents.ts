import type { Catalog, PreparedChange } from '../sql/catalog.ts'
import type { TableChange } from '../sql/ddl/trigger-access.ts'
import type { Table } from './model.ts'
import { foldName } from './quote.ts'
import type { RowByRow } from './row-by-row.ts'
import { carriedOn, isFired } from './trigger-reach.ts'

/**
 * Says which table a change would have to look for a parent in that is not there. SQLite prepares what triggers and foreign
 * keys do together with the statement, so that it fails whether they come to do it or not.
 * @param rows those of the schema; where they are not known nothing is
 */
export function createAbsentParents(
  tables: readonly Table[],
  rows: Catalog['schemaRows'],
  { accessOf }: Pick<RowByRow, 'accessOf'>,
): (table: Table, change: PreparedChange) => string | null {
  const there = new Set(rows?.map(({ name }) => foldName(name)))
  const isAbsent = (parent: string): boolean => rows !== undefined && !there.has(foldName(parent))
  const byName = new Map(tables.map((table) => [foldName(table.name), table]))
  if (!tables.some(({ foreignKeys }) => foreignKeys.some(({ parent }) => isAbsent(parent))))
    return () => null

  const ownAbsent = (table: Table, { columns }: TableChange): string | undefined =>
    table.foreignKeys.find(
      ({ parent, columns: own }) =>
        isAbsent(parent) && (columns === null || own.some((name) => columns.has(foldName(name)))),
    )?.parent

  const firedBy = (table: Table, { event, columns }: TableChange): TableChange[] =>
    table.triggers.flatMap((trigger) => {
      const access = accessOf(table, trigger)
      return access !== null && isFired(access, event, columns) ? access.changes : []
    })

  return (first, { event, columns }) => {
    const change = { table: foldName(first.name), columns, ofItsRow: false }
    const open: TableChange[] =
      event === 'REPLACE'
        ? carriedOn({ ...change, event: 'DELETE' }, tables)
        : [{ ...change, event }]
    const seen = new Set<string>()
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const key = [next.table, next.event, ...(next.columns ?? ['*'])].join(' ')
      const table = byName.get(next.table)
      if (seen.has(key) || table === undefined) continue
      seen.add(key)
      const absent = ownAbsent(table, next)
      if (absent !== undefined) return absent
      open.push(...firedBy(table, next), ...carriedOn(next, tables))
    }
    return null
  }
}
