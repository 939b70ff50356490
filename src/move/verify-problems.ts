import type pg from 'pg'
import type { VerifyProblem } from '../api.ts'
import type { PlaceName } from '../place/place.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { indexName, primaryKeyName } from '../schema/postgres-names.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'

export interface ProblemContext {
  readonly server: { readonly schema: string }
  readonly primary: () => PlaceName
}

/**
 * What is wrong on PostgreSQL though every row is right: keys and unique indexes that are missing, indexes
 * that are invalid, constraints that are not validated, and, while it is the primary, sequences that would
 * give a key which is taken. Columns that differ from the model are SCHEMA_DRIFT before any row is read.
 */
export async function findProblems(
  client: pg.Client,
  { server, primary }: ProblemContext,
  tables: readonly Table[],
): Promise<VerifyProblem[]> {
  const { schema } = server
  return [
    ...(await indexProblems(client, schema, tables)),
    ...(await constraintProblems(client, schema, tables)),
    ...(primary() === 'postgres' ? await sequenceProblems(client, schema, tables) : []),
  ]
}

/** An index that PostgreSQL may refuse is no problem where it is missing: a finding of the schema has told it. */
async function indexProblems(
  client: pg.Client,
  schema: string,
  tables: readonly Table[],
): Promise<VerifyProblem[]> {
  const { rows } = await client.query<{ tbl: string; name: string; valid: boolean }>(
    /* sql */ `
    SELECT t.relname AS tbl, i.relname AS name, x.indisvalid AND x.indisready AS valid
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
      JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE n.nspname = $1 AND t.relname = ANY ($2)`,
    [schema, tables.map(({ name }) => name)],
  )
  const invalid = rows
    .filter(({ valid }) => !valid)
    .map(({ tbl, name }): VerifyProblem => {
      const message = `index ${name} is invalid: REINDEX INDEX ${quote(schema)}.${quote(name)}`
      return { kind: 'index', table: tbl, message }
    })
  const missing = tables.flatMap((table): VerifyProblem[] => {
    const there = new Set(rows.flatMap(({ tbl, name }) => (tbl === table.name ? name : [])))
    const key = primaryKeyName(table)
    return [
      ...(there.has(key)
        ? []
        : [{ kind: 'key' as const, table: table.name, message: `primary key ${key} is missing` }]),
      ...neededIndexes(table, schema).flatMap((name) =>
        there.has(name)
          ? []
          : {
              kind: 'index' as const,
              table: table.name,
              message: `unique index ${name} is missing`,
            },
      ),
    ]
  })
  return [...invalid, ...missing]
}

function neededIndexes(table: Table, schema: string): string[] {
  const made = createIndexes(table, schema).statements.filter(({ mayFail }) => !mayFail)
  return table.indexes
    .filter(({ name }) => made.some(({ object }) => object === name))
    .map((index) => indexName(table, index))
}

async function constraintProblems(
  client: pg.Client,
  schema: string,
  tables: readonly Table[],
): Promise<VerifyProblem[]> {
  const { rows } = await client.query<{ tbl: string; name: string }>(
    /* sql */ `
    SELECT t.relname AS tbl, c.conname AS name
      FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE n.nspname = $1 AND t.relname = ANY ($2) AND NOT c.convalidated`,
    [schema, tables.map(({ name }) => name)],
  )
  return rows.map(({ tbl, name }) => ({
    kind: 'constraint',
    table: tbl,
    message: `constraint ${name} is not validated, which a flip does in the background: ALTER TABLE ${quote(schema)}.${quote(tbl)} VALIDATE CONSTRAINT ${quote(name)}`,
  }))
}

const largestKey = '9223372036854775807'

async function sequenceProblems(
  client: pg.Client,
  schema: string,
  tables: readonly Table[],
): Promise<VerifyProblem[]> {
  const problems: VerifyProblem[] = []
  for (const table of tables.filter(({ key }) => key.kind !== 'declared')) {
    const name = `${quote(schema)}.${quote(table.name)}`
    const column = table.key.columns[0] as string
    const { rows } = await client.query<{ sequence: string | null; highest: string; last: string }>(
      /* sql */ `
      SELECT s.name AS sequence, coalesce(m.highest, 0)::text AS highest, coalesce(pg_sequence_last_value(s.name::regclass), 0)::text AS last
        FROM (SELECT pg_get_serial_sequence($1, $2) AS name) s, (SELECT max(${quote(column)}) AS highest FROM ${name}) m`,
      [name, column],
    )
    const { sequence, highest, last } = rows[0] as (typeof rows)[number]
    // Behind the largest key of all there is none to give.
    if (sequence === null || BigInt(last) >= BigInt(highest) || highest === largestKey) continue
    const message = `sequence ${sequence} stands at ${last}, behind the key ${highest}: SELECT setval('${sequence}', ${highest})`
    problems.push({ kind: 'sequence', table: table.name, message })
  }
  return problems
}
