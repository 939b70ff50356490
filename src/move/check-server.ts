import { LockstepError } from '../core/errors.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { readServerFacts } from '../postgres/server-facts.ts'
import type { Table } from '../schema/model.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { indexName } from '../schema/postgres-names.ts'
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
  const names = tables.map(({ name }) => name)
  const indexes = tables.flatMap((table) => indexesOf(table, schema))
  const facts = await readServerFacts(control, schema, names, indexes)
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
  const missing = [
    ...(facts.isReadOnly ? [readOnly] : []),
    ...(facts.mayCreate || facts.isInstalled ? [] : ['may create no schema in the database']),
    ...(facts.mayCreateTables ? [] : [`may create no tables in schema ${schema}`]),
    ...facts.notOwned.map((name) => `does not own the table ${name}`),
  ]
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
function indexesOf(
  table: Table,
  schema: string,
): { readonly name: string; readonly table: string }[] {
  const made = new Set(createIndexes(table, schema).statements.map(({ object }) => object))
  return table.indexes
    .filter(({ name }) => made.has(name))
    .map((index) => ({ name: indexName(table, index), table: table.name }))
}

function unsuitable(message: string): LockstepError {
  return new LockstepError('POSTGRES_UNSUITABLE', `${message}. Nothing was changed`)
}
