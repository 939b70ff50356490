import { LockstepError } from '../core/errors.ts'
import type { PostgresType } from '../values/value.ts'
import { misfits, postgresTypes } from './choose-type.ts'
import { foldName } from './quote.ts'
import type { MappedSchema } from './mapped.ts'
import type { SourceTable } from './source.ts'

/** The operator's choice of types, by `table.column`; names in any case, as in SQLite. */
export type TypeOverrides = Readonly<Record<string, PostgresType>>

/**
 * The choices by folded `table.column`. Throws `CONFIG_INVALID` for a column that is not there, a type
 * that Lockstep does not create, and a rowid that is to be anything but bigint.
 */
export function resolveOverrides(
  overrides: TypeOverrides,
  tables: readonly SourceTable[],
): ReadonlyMap<string, PostgresType> {
  const known = new Map<string, boolean>()
  for (const { name, columns, key } of tables) {
    for (const column of columns) {
      const isRowid = key.kind === 'integer' && key.columns[0] === column.name
      known.set(columnPath(name, column.name), isRowid)
    }
  }
  const resolved = new Map<string, PostgresType>()
  for (const [path, type] of Object.entries(overrides)) {
    const folded = foldName(path)
    const isRowid = known.get(folded)
    if (isRowid === undefined) throw invalid(path, 'there is no such column')
    if (!postgresTypes.includes(type)) {
      throw invalid(path, `the type must be one of ${postgresTypes.join(', ')}`)
    }
    if (isRowid && type !== 'bigint') throw invalid(path, 'an INTEGER PRIMARY KEY is always bigint')
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
export function suggestOverrides(mapped: MappedSchema): Record<string, PostgresType> {
  const suggested: Record<string, PostgresType> = {}
  for (const [position, table] of mapped.tables.entries()) {
    const profiles = mapped.profiles[position]?.columns ?? []
    for (const [index, column] of table.columns.entries()) {
      const profile = profiles[index]
      if (profile === undefined || misfits(column, profile, column.postgresType) === 0) continue
      const fitting = postgresTypes.find((type) => misfits(column, profile, type) === 0)
      if (fitting !== undefined) suggested[`${table.name}.${column.name}`] = fitting
    }
  }
  return suggested
}
