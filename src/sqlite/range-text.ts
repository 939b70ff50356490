import { shippedColumns, type ShippedColumn, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { bitsOf, fieldWriter, isBits, misfitField } from '../values/csv-text.ts'
import { isNumericAffinity } from '../values/affinity.ts'
import type { Connection } from './connection.ts'
import { rangeCondition, rangeOrder, type KeyRange } from './copy-range.ts'
import { isStoredAs, isUtf8 } from './exact-text.ts'
import type { SqliteStatements } from './statements.ts'

/** The rows of one range as PostgreSQL's COPY would write them as CSV, and how many they are. */
export interface RangeText {
  readonly text: Buffer
  readonly rows: number
}

/**
 * Reads ranges as one text each, which SQLite itself puts together: JavaScript sees none of the values, except those
 * whose text on PostgreSQL only a codec knows. A value that the column cannot hold makes the text differ from all that
 * PostgreSQL can write.
 */
export function createRangeText(
  statements: SqliteStatements,
  table: Table,
): (range: KeyRange) => RangeText {
  const { db } = statements
  const fields = shippedColumns(table).map((column) => textField(db, column))
  const parts = fields.flatMap((field, index) => (index === 0 ? field : [`','`, ...field]))
  const line = concat([...parts, 'char(10)'])
  // A database in UTF-16 has other bytes than PostgreSQL, and its text becomes UTF-8 on the way out.
  const whole = `coalesce(group_concat(line, ''), '')`
  return (range) => {
    const { sql, values } = rangeCondition(table, range)
    const [text, rows] = statements
      .arraysOf(
        `SELECT ${isUtf8(db) ? `CAST(${whole} AS BLOB)` : whole}, count(*) FROM
           (SELECT ${line} AS line FROM ${quote(table.name)} WHERE ${sql} ORDER BY ${rangeOrder(table)} LIMIT -1)`,
      )
      .get(...values) as [Buffer | string, bigint]
    return { text: Buffer.isBuffer(text) ? text : Buffer.from(text), rows: Number(rows) }
  }
}

/** A function takes a hundred arguments at the least. https://www.sqlite.org/limits.html#max_function_arg */
const maxArguments = 100

/** The parts as one text, whose NULLs are empty; of many parts, by texts of some each. */
function concat(parts: readonly string[]): string {
  if (parts.length <= maxArguments) return `concat(${parts.join(', ')})`
  const texts: string[] = []
  for (let from = 0; from < parts.length; from += maxArguments)
    texts.push(concat(parts.slice(from, from + maxArguments)))
  return concat(texts)
}

/** In UTF-16 what is no text may be read as another one, so that each is held against the bytes that are stored. */
function textField(db: Connection, column: ShippedColumn): string[] {
  const field = fieldOf(db, column)
  if (isUtf8(db)) return field
  define(db, 'lockstep_is_text', (value: unknown, bytes: Buffer) =>
    typeof value === 'string' && !isStoredAs(value, bytes) ? 0 : 1,
  )
  const name = quote(column.name)
  const isText = `lockstep_is_text(${name}, CAST(${name} AS BLOB))`
  return [`iif(${isText}, ${concat(field)}, '${misfitField}')`]
}

/**
 * The parts of a field, which has a text of its own for each class that the column can hold, and begins with `misfitField`
 * for all others.
 */
function fieldOf(db: Connection, column: ShippedColumn): string[] {
  const name = quote(column.name)
  const of = (storage: string, text: string): string =>
    `CASE typeof(${name}) WHEN '${storage}' THEN ${text} WHEN 'null' THEN '' ELSE '${misfitField}' END`
  if (isBits(column)) {
    define(db, 'lockstep_bits', bitsOf)
    return [of('real', `format('%016llx', lockstep_bits(${name}))`)]
  }
  switch (column.postgresType) {
    case 'bigint':
      return [of('integer', name)]
    case 'bytea':
      return [of('blob', `'\\x' || lower(hex(${name}))`)]
    case 'text':
      // The quotes beside the text and not around it: it is often long, and would be copied for each of them.
      if (!isNumericAffinity(column.affinity))
        return [of('text', `'"'`), `replace(${name}, '"', '""')`, `iif(${name} IS NULL, '', '"')`]
  }
  const { postgresType, affinity } = column
  const write = `lockstep_field_${postgresType}_${affinity}`.replaceAll(/\W/g, '_')
  define(db, write, fieldWriter(column))
  return [`${write}(${name})`]
}

/** A function of this connection. */
function define(db: Connection, name: string, write: (...values: never[]) => unknown): void {
  db.function(
    name,
    { deterministic: true, safeIntegers: true },
    write as (...values: unknown[]) => unknown,
  )
}
