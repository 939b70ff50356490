import { isNumericAffinity } from '../values/affinity.ts'
import type { UpgradedType } from '../values/value.ts'
import type { SourceColumn, SourceTable } from './source.ts'

/** Why a column cannot have the type whatever it holds, or null. */
export function upgradeObstacle(
  column: SourceColumn,
  table: SourceTable,
  type: UpgradedType,
): string | null {
  if (column.generated) return 'a generated column keeps the type of what is computed'
  if (type === 'json' || type === 'jsonb') return jsonObstacle(column, table, type)
  const { affinity } = column
  if (type.startsWith('numeric')) {
    return isNumericAffinity(affinity) ? null : `${type} needs a column of a numeric affinity`
  }
  const holdsIntegers = affinity !== 'text' && affinity !== 'real'
  const needsIntegers =
    type === 'boolean' || type === 'timestamptz(seconds)' || type === 'timestamptz(milliseconds)'
  return needsIntegers && !holdsIntegers
    ? `${type} stands for INTEGERs, and the column makes others of them`
    : null
}

/** jsonb has an order of its own, and json none. */
function jsonObstacle(
  { name, collation }: SourceColumn,
  { key, indexes, foreignKeys }: SourceTable,
  type: UpgradedType,
): string | null {
  if (collation !== undefined) return `${type} knows no collation`
  const isIndexed = indexes.some(({ parts }) => parts.some(({ column }) => column === name))
  const refers = foreignKeys.some(({ columns }) => columns.includes(name))
  if (!isIndexed && !refers && !key.columns.includes(name)) return null
  return `${type} does not sort as text does, so that it can be in no key and no index`
}
