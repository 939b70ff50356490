import { isDeepStrictEqual } from 'node:util'
import type Database from 'better-sqlite3'
import type pg from 'pg'
import { runPlan, type SchemaRun } from '../../src/move/schema.ts'
import { schemaReader } from '../../src/move/install.ts'
import { setSequences } from '../../src/move/sequences.ts'
import { readCounters } from '../../src/sqlite/counters.ts'
import { keepKeysAhead } from '../../src/postgres/automatic-keys.ts'
import type { DdlPlan } from '../../src/schema/ddl.ts'
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
import { addForeignKeys } from '../../src/schema/postgres-foreign-keys.ts'
import { createIndexes } from '../../src/schema/postgres-indexes.ts'
import { addPrimaryKey, createTable } from '../../src/schema/postgres-tables.ts'
import { createTriggers } from '../../src/schema/postgres-triggers.ts'
import { foldName, quoteIdentifier as quote } from '../../src/schema/quote.ts'
import { readSchema } from '../../src/schema/read.ts'
import { arrayText } from '../../src/values/array-text.ts'
import { codecFor, Unencodable } from '../../src/values/codec.ts'
import type { Row } from '../../src/values/value.ts'
import type { VirtualTable } from '../../src/sql/catalog.ts'
import type { View } from '../../src/sql/views.ts'
import { readSchemaFacts, type SchemaFacts } from '../../src/sqlite/schema-facts.ts'
import { readVirtualTables, virtualTableTexts } from '../../src/sql/virtual-tables.ts'
import { expectDdl } from '../support/postgres-parser.ts'
import type { TypeMemory } from './learn-types.ts'
import { readViews } from './views.ts'

/** The application's schema on PostgreSQL, made anew for each case. */
export const carriedSchema = 'public'

/** What stands on PostgreSQL. */
export interface Carried {
  readonly schema: Schema
  readonly foreignKeys: boolean
  readonly views: ReadonlyMap<string, View>
  readonly virtualTables: ReadonlyMap<string, VirtualTable>
  readonly facts: SchemaFacts
  /** Why a table cannot be compared: rows do not fit, by its name. */
  readonly unfit: ReadonlyMap<string, string>
  /** Codes of findings: what a table does on SQLite that nothing does on PostgreSQL yet, by its name. */
  readonly undecided: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Makes PostgreSQL hold the schema and the rows of SQLite as the backfill and a flip would leave them:
 * tables, keys, indexes, sequences, automatic keys, foreign keys and triggers, without capture and fence. Tables that stand there
 * already as they should are left alone with their rows, which the caller knows to be equal.
 * @param touched folded names of tables that statements have dropped, made or altered meanwhile
 */
export async function carry(
  sqlite: Database.Database,
  client: pg.Client,
  types: TypeMemory,
  before: Carried | null,
  touched: ReadonlySet<string> = new Set(),
): Promise<Carried> {
  const source = readSchema(schemaReader(sqlite))
  const mapped = mapSchema(schemaReader(sqlite), source, { overrides: types.overrides(source) })
  const known = new Map((before?.schema.tables ?? []).map(({ name, id }) => [name, id]))
  const schema = numberTables(mapped.tables, known)
  const foreignKeys = sqlite.pragma('foreign_keys', { simple: true }) === 1n
  const changed = reachedFrom(touched, before?.schema.tables ?? [])
  const isKept = (table: Table): boolean =>
    before?.foreignKeys === foreignKeys &&
    !changed.has(foldName(table.name)) &&
    before.schema.tables.some((old) => isDeepStrictEqual(old, table))
  const kept = schema.tables.filter(isKept)
  const made = schema.tables.filter((table) => !kept.includes(table))
  const keptNames = new Set(kept.map(({ name }) => name))
  const run: SchemaRun = { statements: [], findings: [...source.findings, ...mapped.findings] }
  const unfit = new Map([...(before?.unfit ?? [])].filter(([name]) => keptNames.has(name)))
  for (const { name } of before?.schema.tables ?? [])
    if (!keptNames.has(name)) await client.query(`DROP TABLE ${qualified(name)} CASCADE`)
  for (const table of made) {
    await apply(client, createTable(table, carriedSchema), run)
    const misfit = await fill(sqlite, client, table)
    if (misfit !== null) unfit.set(table.name, misfit)
    await apply(client, addPrimaryKey(table, carriedSchema), run)
    await apply(client, createIndexes(table, carriedSchema), run)
  }
  await setSequences(client, readCounters(sqlite), made, carriedSchema)
  await keepKeysAhead(client, carriedSchema, made)
  if (foreignKeys) await refer(client, schema, made, run)
  if (made.length > 0) await runTriggers(client, schema, run)
  const undecided = new Map<string, Set<string>>()
  for (const table of kept) undecided.set(table.name, new Set(before?.undecided.get(table.name)))
  for (const [name, code] of decisions(run.findings))
    undecided.set(name, (undecided.get(name) ?? new Set()).add(code))
  const virtualTables = readVirtualTables(
    sqlite.prepare(virtualTableTexts).pluck().all() as string[],
  )
  const seen = { views: readViews(sqlite), virtualTables, facts: readSchemaFacts(sqlite) }
  return { schema, foreignKeys, ...seen, unfit, undecided }
}

async function apply(client: pg.Client, plan: DdlPlan, run: SchemaRun): Promise<void> {
  expectDdl(plan)
  run.findings.push(...plan.findings)
  await runPlan(client, plan, run)
}

function qualified(name: string): string {
  return `${quote(carriedSchema)}.${quote(name)}`
}

/** The tables and, as dropping one deletes its rows first, those that refer to them. */
export function reachedFrom(
  names: ReadonlySet<string>,
  tables: readonly Table[],
): ReadonlySet<string> {
  const reached = new Set(names)
  for (let size = -1; size < reached.size;) {
    size = reached.size
    for (const { name, foreignKeys } of tables)
      if (foreignKeys.some(({ parent }) => reached.has(foldName(parent))))
        reached.add(foldName(name))
  }
  return reached
}

/** Foreign keys of the tables that were made, and of those that refer to them. */
async function refer(
  client: pg.Client,
  schema: Schema,
  made: readonly Table[],
  run: SchemaRun,
): Promise<void> {
  for (const table of schema.tables.toReversed()) {
    const isMade = made.includes(table)
    const refers = table.foreignKeys.some(({ parent }) =>
      made.some(({ name }) => name.toLowerCase() === parent.toLowerCase()),
    )
    if (isMade || refers) await apply(client, addForeignKeys(table, schema, carriedSchema), run)
  }
}

/** The application's triggers, of all tables, as they may speak of any that has changed. */
async function runTriggers(client: pg.Client, { tables }: Schema, run: SchemaRun): Promise<void> {
  for (const table of tables) await apply(client, createTriggers(table, tables, carriedSchema), run)
}

/** Copies the rows of one table. Returns why they cannot be equal, or null. */
async function fill(
  sqlite: Database.Database,
  client: pg.Client,
  table: Table,
): Promise<string | null> {
  const columns = shippedColumns(table).map((column) => ({ ...column, quoted: quote(column.name) }))
  const names = columns.map(({ quoted }) => quoted).join(', ')
  const codecs = columns.map(codecFor)
  const rows = sqlite
    .prepare(`SELECT ${names} FROM main.${quote(table.name)}`)
    .raw()
    .safeIntegers()
    .all() as Row[]
  if (rows.length === 0) return null
  const texts: (string | null)[][] = columns.map(() => [])
  const keys = keyPositions(table)
  for (const row of rows) {
    // SQLite lets a NULL into a declared key; such a row goes to quarantine.
    if (keys.some((position) => row[position] === null)) return 'key: NULL in the primary key'
    for (const [index, codec] of codecs.entries()) {
      const text = codec.encode(row[index] ?? null)
      if (text instanceof Unencodable) return `${columns[index]?.name}: ${text.reason}`
      texts[index]?.push(text)
    }
  }
  const written = writtenPositions(table)
  const into = written.map((position) => columns[position]?.quoted).join(', ')
  const arrays = written.map(
    (position, index) => `$${index + 1}::${columns[position]?.postgresType}[]`,
  )
  await client.query(
    `INSERT INTO ${qualified(table.name)} (${into}) SELECT * FROM unnest(${arrays.join(', ')})`,
    written.map((position) => arrayText(texts[position] ?? [])),
  )
  return null
}

function decisions(findings: readonly Finding[]): [string, string][] {
  return findings.flatMap(({ level, table, code }) =>
    level === 'decision' && table !== null ? [[table, code] as [string, string]] : [],
  )
}
