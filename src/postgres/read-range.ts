import type pg from 'pg'
import { keyPositions, shippedColumns, type ShippedColumn, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import { codecFor, type ColumnCodec } from '../values/codec.ts'
import { isBits, isQuoted } from '../values/csv-text.ts'
import { notOnSqlite } from '../values/not-on-sqlite.ts'
import { serverType } from '../values/postgres-type.ts'
import type { Row } from '../values/value.ts'
import { copyEquals } from './copy-equals.ts'

/** The rows behind one key and up to another, keys in PostgreSQL's text; null stands for the table's end. */
export interface Bounds {
  readonly after: readonly string[] | null
  readonly upTo: readonly string[] | null
}

const rowsPerFetch = 500

/** Whether COPY writes this CSV of so many rows for those of a range, in the order of the key. */
export function isRangeEqual(
  client: pg.Client,
  table: Table,
  schema: string,
  { text, rows: count, ...bounds }: Bounds & { readonly text: Buffer; readonly rows: number },
): Promise<boolean> {
  const columns = shippedColumns(table).map((column) => {
    const name = `t.${quote(column.name)}`
    return isBits(column) ? `encode(float8send(${name}), 'hex') AS ${quote(column.name)}` : name
  })
  const rows = `${select(table, schema, columns, bounds)} LIMIT ${count + 1}`
  const quoted = shippedColumns(table).filter(({ postgresType }) => isQuoted(postgresType))
  const force =
    quoted.length === 0 ? '' : `, FORCE_QUOTE (${quoted.map(({ name }) => quote(name)).join(', ')})`
  return copyEquals(client, `COPY (${rows}) TO STDOUT (FORMAT csv${force})`, text)
}

export interface RowOfRange {
  readonly row: Row
  /** The texts of what SQLite cannot hold, by position: `row` has the value that is nearest. */
  readonly beyond: ReadonlyMap<number, string>
}

/** The rows of a range one by one, in constant memory. */
export async function* readRange(
  client: pg.Client,
  table: Table,
  schema: string,
  bounds: Bounds,
): AsyncGenerator<RowOfRange, undefined> {
  const columns = shippedColumns(table)
  const read = rowReader(columns)
  const texts = columns.map(({ name }) => `t.${quote(name)}::text`)
  const cursor = `lockstep_range_${table.id}`
  await client.query(
    `DECLARE ${cursor} NO SCROLL CURSOR FOR ${select(table, schema, texts, bounds)}`,
  )
  try {
    for (;;) {
      const { rows } = await client.query<(string | null)[]>({
        text: `FETCH ${rowsPerFetch} FROM ${cursor}`,
        rowMode: 'array',
      } as pg.QueryArrayConfig)
      for (const row of rows) yield read(row)
      if (rows.length < rowsPerFetch) return undefined
    }
  } finally {
    await client.query(`CLOSE ${cursor}`).catch(() => undefined)
  }
}

function rowReader(
  columns: readonly ShippedColumn[],
): (texts: readonly (string | null)[]) => RowOfRange {
  const codecs = columns.map(codecFor)
  const checks = [...columns.map(notOnSqlite).entries()]
  return (texts) => {
    const beyond = new Map<number, string>()
    for (const [index, refuse] of checks) {
      const text = texts[index] ?? null
      if (text !== null && refuse !== undefined && refuse(text) !== null) beyond.set(index, text)
    }
    return { row: texts.map((text, index) => (codecs[index] as ColumnCodec).decode(text)), beyond }
  }
}

function select(
  table: Table,
  schema: string,
  columns: readonly string[],
  { after, upTo }: Bounds,
): string {
  const key = table.key.columns.map((column) => `t.${quote(column)}`).join(', ')
  const conditions: string[] = []
  if (after !== null) conditions.push(`(${key}) > (${literals(table, after)})`)
  if (upTo !== null) conditions.push(`(${key}) <= (${literals(table, upTo)})`)
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  return `SELECT ${columns.join(', ')} FROM ${quote(schema)}.${quote(table.name)} AS t ${where} ORDER BY ${key}`
}

/** COPY and DECLARE take no parameters. */
function literals(table: Table, key: readonly string[]): string {
  const columns = shippedColumns(table)
  return keyPositions(table)
    .map((position, index) => {
      const { postgresType } = columns[position] as ShippedColumn
      return `${quoteLiteral(key[index] as string)}::${serverType(postgresType)}`
    })
    .join(', ')
}
