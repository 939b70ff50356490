import { codecFor, Unencodable } from '../values/codec.ts'
import type { Value } from '../values/value.ts'
import type { MappedTable } from './mapped.ts'
import type { Column } from './model.ts'
import { quoteIdentifier } from './quote.ts'
import type { SchemaReader } from './reader.ts'
import { rowOrder } from './row-order.ts'
import { nameRow, Sample } from './sample.ts'

/**
 * The rows whose value the codec of the column's type does not carry, by the reason, which is in terms of types; reads
 * the column once, row by row.
 */
export function findMisfits(
  db: SchemaReader,
  table: MappedTable,
  column: Column,
): ReadonlyMap<string, Sample> {
  const codec = codecFor(column)
  const found = new Map<string, Sample>()
  for (const { value, key } of readRows(db, table, column, 'IS NOT NULL')) {
    const result = codec.encode(value)
    if (!(result instanceof Unencodable)) continue
    const sample = found.get(result.reason) ?? new Sample()
    found.set(result.reason, sample)
    sample.add({ key })
  }
  return found
}

/** The rows that have NULL in this column, which is one of their key's. */
export function findNullKeys(db: SchemaReader, table: MappedTable, column: Column): Sample {
  const found = new Sample()
  for (const { key } of readRows(db, table, column, 'IS NULL')) found.add({ key })
  return found
}

interface ReadRow {
  readonly value: Value
  readonly key: () => string
}

function* readRows(
  db: SchemaReader,
  table: MappedTable,
  column: Column,
  condition: 'IS NULL' | 'IS NOT NULL',
): Generator<ReadRow> {
  const order = rowOrder(table) ?? []
  const names = [column.name, ...table.key.columns, ...order]
  const source = `main.${quoteIdentifier(table.name)}`
  const chosen = `${quoteIdentifier(column.name)} ${condition}`
  const sql = `SELECT ${names.flatMap(classAndValue).join(', ')} FROM ${source} WHERE ${chosen}`
  const behindKey = 1 + table.key.columns.length
  for (const row of db.each(sql)) {
    yield {
      value: valueAt(row, 0),
      key: () =>
        nameRow(
          table.key.columns.map((_, index) => valueAt(row, index + 1)),
          order.length === 0 ? null : valueAt(row, behindKey),
        ),
    }
  }
}

/** A driver may give an INTEGER and a REAL as the same number, so the class and all digits are asked for. */
function classAndValue(name: string, index: number): string[] {
  const sql = quoteIdentifier(name)
  const value = `CASE typeof(${sql}) WHEN 'integer' THEN CAST(${sql} AS TEXT) ELSE ${sql} END`
  return [`typeof(${sql}) AS class_${index}`, `${value} AS value_${index}`]
}

function valueAt(row: Record<string, unknown>, index: number): Value {
  const value = row[`value_${index}`] as Value
  return row[`class_${index}`] === 'integer' ? BigInt(value as string) : value
}
