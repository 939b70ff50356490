import { invalidUtf8, nulInText } from '../values/codec.ts'
import { isUpgraded } from '../values/postgres-type.ts'
import { counted, decision } from './findings.ts'
import type { MappedTable } from './mapped.ts'
import type { Column, Finding } from './model.ts'
import type { Sample } from './sample.ts'

/** The code of the finding that values have not the form of the type which the configuration chose. */
export const upgradeMisfit = 'UPGRADE_MISFIT'

/** Rows that go to quarantine for one reason, in the same words whoever has found them. */
export function misfitFinding(
  table: MappedTable,
  column: Column,
  reason: string,
  sample: Sample,
): Finding {
  const rows = counted(sample.rows, 'row does', 'rows do')
  const they = sample.rows === 1 ? 'it' : 'they'
  return decision(
    codeOf(reason, column),
    placeOf(table, column, sample),
    `${rows} not fit ${column.postgresType} (${reason}); ${they} would go to quarantine: ${listed(sample)}`,
  )
}

export function nullKeyFinding(table: MappedTable, column: Column, sample: Sample): Finding {
  const rows = counted(sample.rows, 'row has', 'rows have')
  const they = sample.rows === 1 ? 'it' : 'they'
  return decision(
    'NULL_IN_KEY',
    placeOf(table, column, sample),
    `${rows} NULL in the primary key; ${they} cannot travel: ${listed(sample)}`,
  )
}

export function placeOf(
  table: Pick<MappedTable, 'name'>,
  column: Pick<Column, 'name'> | null,
  { rows, keys }: Sample,
): { table: string; column: string | null; rows: number; keys: readonly string[] } {
  return { table: table.name, column: column?.name ?? null, rows, keys }
}

export function listed({ rows, keys }: Sample): string {
  return `${keys.join(', ')}${rows > keys.length ? ', ...' : ''}`
}

function codeOf(reason: string, { postgresType }: Column): string {
  if (reason === invalidUtf8) return 'INVALID_UTF8'
  if (isUpgraded(postgresType)) return upgradeMisfit
  return reason === nulInText ? 'NUL_IN_TEXT' : 'MIXED_TYPES'
}
