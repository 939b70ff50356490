import { codecFor, Unencodable } from '../values/codec.ts'
import { keyText } from '../values/compare.ts'
import type { Value } from '../values/value.ts'
import type { MappedTable } from './mapped.ts'
import type { Column } from './model.ts'
import { quoteIdentifier } from './quote.ts'
import type { SchemaReader } from './reader.ts'

export interface Misfits {
  readonly rows: number
  /** The keys of the first of them, as quarantine names rows. */
  readonly keys: readonly string[]
  /** In terms of types; no value is in them. */
  readonly reasons: readonly string[]
}

const keysShown = 5

/** The rows whose value the codec of the column's type does not carry; reads the column once, row by row. */
export function findMisfits(db: SchemaReader, table: MappedTable, column: Column): Misfits {
  const codec = codecFor(column)
  const keys: string[] = []
  const reasons = new Set<string>()
  let rows = 0
  const columns = [...table.key.columns, column.name].flatMap(classAndValue)
  const source = `main.${quoteIdentifier(table.name)}`
  const present = `${quoteIdentifier(column.name)} IS NOT NULL`
  const last = table.key.columns.length
  for (const row of db.each(`SELECT ${columns.join(', ')} FROM ${source} WHERE ${present}`)) {
    const result = codec.encode(valueAt(row, last))
    if (!(result instanceof Unencodable)) continue
    rows += 1
    reasons.add(result.reason)
    if (rows <= keysShown) keys.push(keyText(table.key.columns.map((_, at) => valueAt(row, at))))
  }
  return { rows, keys, reasons: [...reasons] }
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
