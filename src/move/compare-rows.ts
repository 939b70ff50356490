import type { VerifiedTable, VerifyDifference } from '../api.ts'
import { keyPositions, shippedColumns, type ShippedColumn, type Table } from '../schema/model.ts'
import type { RowOfRange } from '../postgres/read-range.ts'
import { storageClass } from '../values/codec.ts'
import { compareValues, keyText, sameValue } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'

type Counts = Pick<VerifiedTable, 'missing' | 'extra' | 'different'>

export interface Comparison {
  readonly counts: Counts
  readonly withValues: boolean
  readonly onDifference: (difference: VerifyDifference) => void
}

/** Merges the rows of both places, each in the order of the key, and tells the differences one by one. */
export async function compareRows(
  table: Table,
  ofSqlite: readonly Row[],
  ofPostgres: AsyncGenerator<RowOfRange, undefined> | undefined,
  { counts, withValues, onDifference }: Comparison,
): Promise<void> {
  const columns = shippedColumns(table)
  const positions = keyPositions(table)
  const keyOf = (row: Row): KeyValues => positions.map((position) => row[position] as Value)
  const tell = (row: Row, rest: Omit<VerifyDifference, 'table' | 'key'>): void =>
    onDifference({ table: table.name, key: keyText(keyOf(row)), ...rest })
  let index = 0
  const next = async (): Promise<RowOfRange | undefined> => (await ofPostgres?.next())?.value
  let b = await next()
  while (index < ofSqlite.length || b !== undefined) {
    const a = ofSqlite[index]
    const order = orderOf(a, b?.row, keyOf)
    if (order < 0) {
      counts.missing += 1
      tell(a as Row, { column: null, class: 'missing' })
    } else if (order > 0) {
      counts.extra += 1
      tell((b as RowOfRange).row, { column: null, class: 'extra' })
    } else {
      const unequal = unequalColumns(columns, a as Row, b as RowOfRange)
      if (unequal.length > 0) counts.different += 1
      for (const { sqlite, postgres, ...rest } of unequal)
        tell(a as Row, withValues ? { ...rest, values: { sqlite, postgres } } : rest)
    }
    if (order <= 0) index += 1
    if (order >= 0) b = await next()
  }
}

function orderOf(a: Row | undefined, b: Row | undefined, keyOf: (row: Row) => KeyValues): number {
  if (a === undefined) return 1
  if (b === undefined) return -1
  const other = keyOf(b)
  for (const [index, value] of keyOf(a).entries()) {
    const order = compareValues(value, other[index] as Value)
    if (order !== 0) return order
  }
  return 0
}

interface Unequal {
  readonly column: string
  readonly class: 'value' | 'type'
  readonly sqlite: string
  readonly postgres: string
}

function unequalColumns(
  columns: readonly ShippedColumn[],
  a: Row,
  { row, beyond }: RowOfRange,
): Unequal[] {
  return columns.flatMap(({ name }, index) => {
    const [left, right] = [a[index] as Value, row[index] as Value]
    const text = beyond.get(index)
    if (text === undefined && sameValue(left, right)) return []
    return {
      column: name,
      class: storageClass(left) === storageClass(right) ? 'value' : 'type',
      sqlite: keyText([left]),
      postgres: text ?? keyText([right]),
    }
  })
}
