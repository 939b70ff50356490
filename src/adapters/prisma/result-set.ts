import { ColumnTypeEnum, type ColumnType, type SqlResultSet } from '@prisma/driver-adapter-utils'

/** What SQLite knows of a column: its name, and the type that its table declares, null for an expression. */
export interface Column {
  readonly name: string
  readonly type: string | null
}

const { Boolean, Bytes, Date: Day, DateTime, Double, Float, Int32, Int64 } = ColumnTypeEnum
const { Json, Numeric, Text, Time, UnknownNumber } = ColumnTypeEnum

/** The types that Prisma's schemas and migrations declare. Of any other one the values decide. */
const declared: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ['DECIMAL', Numeric],
  ['FLOAT', Float],
  ...of(Double, 'DOUBLE', 'DOUBLE PRECISION', 'NUMERIC', 'REAL'),
  ...of(Int32, 'TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'INTEGER', 'SERIAL', 'INT2'),
  ...of(Int64, 'BIGINT', 'UNSIGNED BIG INT', 'INT8'),
  ...of(DateTime, 'DATETIME', 'TIMESTAMP'),
  ['TIME', Time],
  ['DATE', Day],
  ...of(Text, 'TEXT', 'CLOB', 'CHARACTER', 'VARCHAR', 'VARYING CHARACTER'),
  ...of(Text, 'NCHAR', 'NATIVE CHARACTER', 'NVARCHAR'),
  ['BLOB', Bytes],
  ['BOOLEAN', Boolean],
  ['JSONB', Json],
])

/** An answer as Prisma reads it: values that JSON can hold, and for each column the type that they are of. */
export function resultSet(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
): SqlResultSet {
  const columnTypes = columns.map(
    ({ type }, index) => declared.get(type?.toUpperCase() ?? '') ?? typeOfValues(rows, index),
  )
  return {
    columnNames: columns.map(({ name }) => name),
    columnTypes,
    rows: rows.map((row) => row.map((value, index) => valueAs(columnTypes[index], value))),
  }
}

/** That of the first value that is there. */
function typeOfValues(rows: readonly (readonly unknown[])[], index: number): ColumnType {
  for (const { [index]: value } of rows) {
    if (typeof value === 'string') return Text
    if (typeof value === 'bigint') return Int64
    if (typeof value === 'number') return UnknownNumber
    if (value instanceof Uint8Array) return Bytes
  }
  return Int32
}

function valueAs(type: ColumnType | undefined, value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  if (type === DateTime) return new Date(Number(value)).toISOString()
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  // A REAL may stand in a column of INTEGER, and Prisma's type of that has no fractions.
  return type === Int32 || type === Int64 ? Math.trunc(value) : value
}

function of(type: ColumnType, ...names: readonly string[]): [string, ColumnType][] {
  return names.map((name) => [name, type])
}
