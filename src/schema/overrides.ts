import { LockstepError } from '../core/errors.ts'
import { faithfulTypes, isUpgraded, parsePostgresType, typeNames } from '../values/postgres-type.ts'
import type { FaithfulType, PostgresType } from '../values/value.ts'
import { misfits } from './choose-type.ts'
import { foldName } from './quote.ts'
import type { MappedSchema } from './mapped.ts'
import type { SourceColumn, SourceTable } from './source.ts'
import { upgradeObstacle } from './upgrade-rules.ts'

/** The operator's choice of types, by `table.column`; names in any case, as in SQLite. */
export type TypeOverrides = Readonly<Record<string, PostgresType>>

/**
 * The choices by folded `table.column`. Throws `CONFIG_INVALID` for a column that is not there, a type
 * that Lockstep does not create or that the column's declaration rules out, and a rowid that is to be anything
 * but bigint.
 */
export function resolveOverrides(
  overrides: TypeOverrides,
  tables: readonly SourceTable[],
): ReadonlyMap<string, PostgresType> {
  const known = new Map<string, { readonly table: SourceTable; readonly column: SourceColumn }>()
  for (const table of tables) {
    for (const column of table.columns)
      known.set(columnPath(table.name, column.name), { table, column })
  }
  const resolved = new Map<string, PostgresType>()
  for (const [path, type] of Object.entries(overrides)) {
    const folded = foldName(path)
    const found = known.get(folded)
    if (found === undefined) throw invalid(path, 'there is no such column')
    if (parsePostgresType(type) !== type) {
      throw invalid(path, `the type must be one of ${typeNames.join(', ')}`)
    }
    const { key } = found.table
    const isRowid = key.kind === 'integer' && key.columns[0] === found.column.name
    if (isRowid && type !== 'bigint') throw invalid(path, 'an INTEGER PRIMARY KEY is always bigint')
    const obstacle = isUpgraded(type) ? upgradeObstacle(found.column, found.table, type) : null
    if (obstacle !== null) throw invalid(path, obstacle)
    resolved.set(folded, type)
  }
  return resolved
}

export function columnPath(table: string, column: string): string {
  return foldName(`${table}.${column}`)
}

function invalid(path: string, why: string): LockstepError {
  return new LockstepError('CONFIG_INVALID', `type override "${path}": ${why}`, {
    details: { override: path },
  })
}

/**
 * The overrides that would let every row of the profiled data through, for the columns that now hold
 * rows that do not fit; columns that no type can hold are left out.
 */
export function suggestOverrides(mapped: MappedSchema): Record<string, FaithfulType> {
  const suggested: Record<string, FaithfulType> = {}
  for (const [position, table] of mapped.tables.entries()) {
    const profiles = mapped.profiles[position]?.columns ?? []
    for (const [index, column] of table.columns.entries()) {
      const profile = profiles[index]
      const type = column.postgresType
      if (profile === undefined || isUpgraded(type)) continue
      if (misfits(column, profile, type) === 0) continue
      const fitting = faithfulTypes.find((type) => misfits(column, profile, type) === 0)
      if (fitting !== undefined) suggested[`${table.name}.${column.name}`] = fitting
    }
  }
  return suggested
}
