import { LockstepError } from '../core/errors.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { readServerFacts, type PartOfTable, type ServerFacts } from '../postgres/server-facts.ts'
import type { Table } from '../schema/model.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { indexName, primaryKeyName, sequenceName } from '../schema/postgres-names.ts'
import { postgresDrift } from './postgres-drift.ts'

/** The oldest PostgreSQL that the tests run on. */
export const oldestMajor = 15

/**
 * Whether a server can hold the copy, before anything is changed on either place.
 * @throws LockstepError POSTGRES_UNSUITABLE, POSTGRES_DENIED, TARGET_NOT_EMPTY
 */
export async function checkServer(
  { control, schema }: PostgresServer,
  tables: readonly Table[],
): Promise<void> {
  const facts = await askServer({ control, schema }, tables)
  const { majorVersion, version, encoding } = facts
  if (majorVersion < oldestMajor)
    throw unsuitable(
      `PostgreSQL ${version} is too old: ${oldestMajor} is the first that is known to work`,
    )
  if (encoding !== 'UTF8')
    throw unsuitable(
      `The database has the encoding ${encoding}, which cannot hold every text of SQLite. Create one with UTF8 ` +
        `(CREATE DATABASE app ENCODING 'UTF8' TEMPLATE template0)`,
    )
  if (!facts.hasSchema)
    throw unsuitable(`The database has no schema ${schema}. Create it, or correct postgres.schema`)
  const missing = missingRights(facts, schema)
  if (missing.length > 0)
    throw new LockstepError(
      'POSTGRES_DENIED',
      `The user ${facts.user} of PostgreSQL ${missing.join(', ')}. Nothing was changed: give it the rights, or connect as another`,
      { details: { missing } },
    )
  if (facts.strangers.length > 0)
    throw inTheWay('of the tables and indexes', { relations: facts.strangers })
  // Once it is installed a change of the schema may be under way.
  if (facts.isInstalled) return
  const there = tables.filter(({ name }) => facts.inTheWay.includes(name))
  const problems = there.length === 0 ? [] : await postgresDrift(control, schema, there)
  if (problems.length > 0) throw inTheWay('tables with other columns', { problems })
}

/** What decides whether the server can hold these tables, and all that is made with them. */
export function askServer(
  { control, schema }: Pick<PostgresServer, 'control' | 'schema'>,
  tables: readonly Table[],
): Promise<ServerFacts> {
  const names = tables.map(({ name }) => name)
  return readServerFacts(
    control,
    schema,
    names,
    tables.flatMap((table) => partsOf(table, schema)),
  )
}

/** In words that follow "The user". */
export function missingRights(facts: ServerFacts, schema: string): string[] {
  return [
    ...(facts.isReadOnly ? [readOnly] : []),
    ...(facts.mayCreate || facts.isInstalled ? [] : ['may create no schema in the database']),
    ...(facts.mayUseSchema ? [] : [`may not use schema ${schema}`]),
    ...(facts.mayCreateTables ? [] : [`may create no tables in schema ${schema}`]),
    ...facts.notOwned.map((name) => `does not own the table ${name}`),
  ]
}

function inTheWay(
  what: string,
  details: Readonly<Record<string, readonly string[]>>,
): LockstepError {
  return new LockstepError(
    'TARGET_NOT_EMPTY',
    `PostgreSQL has in the way ${what}: ${Object.values(details).flat().join(', ')}. Nothing was changed: take them away, or ` +
      'choose another postgres.schema',
    { details },
  )
}

const readOnly =
  'has transactions that are read only (connect to the primary of the cluster instead of a standby, or set ' +
  'default_transaction_read_only off for the user and the database)'

/** Those that PostgreSQL gets. */
function partsOf(table: Table, schema: string): PartOfTable[] {
  const made = new Set(createIndexes(table, schema).statements.map(({ object }) => object))
  const indexes = table.indexes
    .filter(({ name }) => made.has(name))
    .map((index) => indexName(table, index))
  const numbered = table.key.kind === 'declared' ? [] : [sequenceName(table)]
  const of = table.name
  return [
    ...[primaryKeyName(table), ...indexes].map(
      (name) => ({ name, table: of, kind: 'index' }) as const,
    ),
    ...numbered.map((name) => ({ name, table: of, kind: 'sequence' }) as const),
  ]
}

function unsuitable(message: string): LockstepError {
  return new LockstepError('POSTGRES_UNSUITABLE', `${message}. Nothing was changed`)
}
