import { createHash } from 'node:crypto'
import {
  keyPositions,
  shippedColumns,
  writtenPositions,
  type ShippedColumn,
  type Table,
} from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { serverType } from '../values/postgres-type.ts'

/** The statements that the applier runs on one table, each prepared once per connection. */
export interface TableSql {
  /** Ends the names of prepared statements: a connection takes each name for one text. */
  readonly stamp: string
  readonly name: string
  readonly columns: readonly ShippedColumn[]
  readonly keyColumns: readonly ShippedColumn[]
  /** The positions of the columns that PostgreSQL takes values for. */
  readonly written: readonly number[]
  /** One array parameter per written column. */
  readonly upsert: string
  /** One array parameter per key column. */
  readonly remove: string
  /** All shipped columns as text, of the rows whose keys are in one text[] parameter per key column. */
  readonly select: string
}

export function tableSql(table: Table, schema: string): TableSql {
  const columns = shippedColumns(table)
  const keyColumns = keyPositions(table).map((position) => columns[position] as ShippedColumn)
  const name = `${quote(schema)}.${quote(table.name)}`
  const positions = writtenPositions(table)
  const written = positions.map((position) => columns[position] as ShippedColumn)
  const names = written.map((column) => quote(column.name)).join(', ')
  const insert = `INSERT INTO ${name} (${names}) SELECT * FROM unnest(${arrays(written)})`
  const key = keyColumns.map((column) => quote(column.name)).join(', ')
  const matched = keyColumns
    .map(({ name }, index) => `t.${quote(name)} = k.k${index}`)
    .join(' AND ')
  const keys = `unnest(${arrays(keyColumns)}) AS k(${keyColumns.map((_, index) => `k${index}`).join(', ')})`
  const texts = {
    upsert: `${insert} ON CONFLICT (${key}) DO ${updateClause(written, keyColumns)}`,
    remove: `DELETE FROM ${name} AS t USING ${keys} WHERE ${matched}`,
    select: `SELECT ${columns.map((column) => `t.${quote(column.name)}::text`).join(', ')} FROM ${name} AS t JOIN ${keys} ON ${matched}`,
  }
  return {
    stamp: createHash('sha1').update(Object.values(texts).join('\n')).digest('hex'),
    name,
    columns,
    keyColumns,
    written: positions,
    ...texts,
  }
}

function updateClause(
  columns: readonly ShippedColumn[],
  keyColumns: readonly ShippedColumn[],
): string {
  const others = columns.filter((column) => !keyColumns.includes(column))
  if (others.length === 0) return 'NOTHING'
  return `UPDATE SET ${others.map(({ name }) => `${quote(name)} = excluded.${quote(name)}`).join(', ')}`
}

function arrays(columns: readonly ShippedColumn[]): string {
  return columns
    .map((column, index) => `$${index + 1}::${serverType(column.postgresType)}[]`)
    .join(', ')
}
