import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { Database } from 'better-sqlite3'
import type { Client, QueryConfig } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { refused, type DdlPlan } from '../../src/schema/ddl.ts'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import {
  keyPositions,
  shippedColumns,
  writtenPositions,
  type Finding,
  type Schema,
  type Table,
} from '../../src/schema/model.ts'
import { addForeignKeys, validateForeignKeys } from '../../src/schema/postgres-foreign-keys.ts'
import { createIndexes } from '../../src/schema/postgres-indexes.ts'
import { addPrimaryKey, createTable } from '../../src/schema/postgres-tables.ts'
import { quoteIdentifier, quoteQualified } from '../../src/schema/quote.ts'
import { readSchema } from '../../src/schema/read.ts'
import type { SchemaReader } from '../../src/schema/reader.ts'
import type { TypeOverrides } from '../../src/schema/overrides.ts'
import { codecFor, Unencodable } from '../../src/values/codec.ts'
import { keyText, sameValue } from '../../src/values/compare.ts'
import { copyLine } from '../../src/values/copy-text.ts'
import type { Value } from '../../src/values/value.ts'
import { expectDdl } from '../support/postgres-parser.ts'

export function readerOf(db: Database): SchemaReader {
  return {
    all: (sql, ...params) => db.prepare<unknown[], Record<string, unknown>>(sql).all(...params),
    each: (sql) => db.prepare<unknown[], Record<string, unknown>>(sql).iterate(),
  }
}

/** Read, mapped and numbered, with what was found on the way. */
export function modelOf(
  db: Database,
  overrides: TypeOverrides = {},
): { schema: Schema; findings: Finding[] } {
  const source = readSchema(readerOf(db))
  const mapped = mapSchema(readerOf(db), source, { overrides })
  const findings = [...source.findings, ...mapped.findings]
  return { schema: numberTables(mapped.tables), findings }
}

/** Runs a plan as an installation would: what may fail runs in a savepoint. */
export async function run(client: Client, plan: DdlPlan): Promise<Finding[]> {
  expectDdl(plan)
  const findings = [...plan.findings]
  for (const statement of plan.statements) {
    if (!statement.mayFail) {
      await client.query(statement.sql)
      continue
    }
    await client.query('BEGIN; SAVEPOINT attempt')
    try {
      await client.query(statement.sql)
    } catch (error) {
      await client.query('ROLLBACK TO attempt')
      findings.push(refused(statement, (error as Error).message))
    }
    await client.query('COMMIT')
  }
  return findings
}

export interface Carried {
  readonly findings: Finding[]
  /** `table.column` and reason of every value that did not fit. */
  readonly unencodable: string[]
  readonly rows: number
}

/** Carries a whole database over and reports what is left behind; throws where a row came out changed. */
export async function carry(client: Client, db: Database, schema: Schema): Promise<Carried> {
  db.defaultSafeIntegers(true)
  const findings: Finding[] = []
  const unencodable: string[] = []
  let rows = 0
  for (const table of schema.tables) {
    findings.push(...(await run(client, createTable(table, 'public'))))
    const encoded = encodeRows(db, table, unencodable)
    rows += encoded.length
    const copy = client.query(
      copyFrom(`COPY ${quoteQualified('public', table.name)} (${writtenList(table)}) FROM STDIN`),
    )
    await pipeline(Readable.from(encoded.map((row) => copyLine(row.fields))), copy)
    await assertSame(client, table, encoded)
    findings.push(...(await run(client, addPrimaryKey(table, 'public'))))
    findings.push(...(await run(client, createIndexes(table, 'public'))))
  }
  for (const table of schema.tables) {
    findings.push(...(await run(client, addForeignKeys(table, schema, 'public'))))
  }
  for (const table of schema.tables) {
    await run(client, validateForeignKeys(table, schema, 'public'))
  }
  return { findings, unencodable, rows }
}

interface EncodedRow {
  readonly values: Value[]
  readonly fields: (string | null)[]
}

function encodeRows(db: Database, table: Table, unencodable: string[]): EncodedRow[] {
  const columns = shippedColumns(table)
  const sql = `SELECT ${columnList(table)} FROM main.${quoteIdentifier(table.name)}`
  const encoded: EncodedRow[] = []
  for (const values of db.prepare<[], Value[]>(sql).raw().iterate()) {
    const results = columns.map((column, index) => codecFor(column).encode(values[index] ?? null))
    const fields = results.flatMap((field) => (field instanceof Unencodable ? [] : [field]))
    const written = writtenPositions(table).map((position) => fields[position] ?? null)
    if (fields.length === columns.length) encoded.push({ values, fields: written })
    results.forEach((field, index) => {
      if (!(field instanceof Unencodable)) return
      unencodable.push(`${table.name}.${columns[index]?.name}: ${field.reason}`)
    })
  }
  return encoded
}

async function assertSame(
  client: Client,
  table: Table,
  rows: readonly EncodedRow[],
): Promise<void> {
  const codecs = shippedColumns(table).map(codecFor)
  const keyOf = (values: readonly Value[]): string =>
    keyText(keyPositions(table).map((position) => values[position] ?? null))
  const result = await client.query<(string | null)[]>({
    text: `SELECT ${columnList(table)} FROM ${quoteQualified('public', table.name)}`,
    rowMode: 'array',
    types: { getTypeParser: () => (raw: string) => raw },
  } as QueryConfig & { rowMode: 'array' })
  const arrived = new Map<string, Value[]>()
  for (const texts of result.rows) {
    const values = codecs.map((codec, index) => codec.decode(texts[index] ?? null))
    arrived.set(keyOf(values), values)
  }
  if (result.rows.length !== rows.length) throw new Error(`${table.name} has lost rows`)
  for (const { values } of rows) {
    const other = arrived.get(keyOf(values))
    const same = values.every((value, index) => sameValue(value, other?.[index] ?? null))
    if (!same) throw new Error(`row ${keyOf(values)} of ${table.name} came out changed`)
  }
}

/** Of the columns that PostgreSQL takes values for. */
function writtenList(table: Table): string {
  const columns = shippedColumns(table)
  return writtenPositions(table)
    .map((position) => quoteIdentifier(columns[position]?.name ?? ''))
    .join(', ')
}

function columnList(table: Table): string {
  return shippedColumns(table)
    .map((column) => quoteIdentifier(column.name))
    .join(', ')
}
