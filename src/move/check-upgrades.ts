import { LockstepError } from '../core/errors.ts'
import type { Finding, Table } from '../schema/model.ts'
import { columnPath } from '../schema/overrides.ts'
import { upgradeMisfit } from '../schema/row-findings.ts'
import { isUpgraded } from '../values/postgres-type.ts'

/**
 * A type that a configuration chooses takes every value of today or is not chosen. Later values that do not fit
 * go to quarantine, so that a column which has the type already keeps it.
 * @throws LockstepError CONFIG_INVALID
 */
export function checkUpgrades(findings: readonly Finding[], before: readonly Table[]): void {
  const installed = new Set(
    before.flatMap((table) =>
      table.columns
        .filter(({ postgresType }) => isUpgraded(postgresType))
        .map(({ name }) => columnPath(table.name, name)),
    ),
  )
  const refused = findings.filter(
    ({ code, table, column }) =>
      code === upgradeMisfit && !installed.has(columnPath(table ?? '', column ?? '')),
  )
  if (refused.length === 0) return
  const problems = refused.map(({ table, column, message }) => `${table}.${column}: ${message}`)
  throw new LockstepError(
    'CONFIG_INVALID',
    `columns: ${problems.join('. ')}. Correct the rows, or leave the column its faithful type`,
    {
      details: { columns: [...new Set(refused.map(({ table, column }) => `${table}.${column}`))] },
    },
  )
}
