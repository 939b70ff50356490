import type { Gate } from '../api.ts'
import {
  triggersWithoutTwin,
  uncarriedForeignKeys,
  uncomputedColumns,
  uniqueIndexesWithoutTwin,
  unwritableViews,
} from '../move/uncarried.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { Table } from '../schema/model.ts'
import type { Connection } from '../sqlite/connection.ts'
import { applicationViews } from '../sqlite/views.ts'
import { gate } from './gate.ts'

export interface CarriedContext {
  readonly server: PostgresServer
  /** A connection for one look of its own. */
  readonly openReader: () => Connection
  readonly tables: readonly Table[]
  readonly primary: PlaceName
  readonly foreignKeys: boolean
}

/** What decides over writes on SQLite must have its twin on PostgreSQL. */
export async function carriedGates(context: CarriedContext): Promise<Gate[]> {
  if (context.primary === 'postgres')
    return [
      gate('triggers', 0, 0, 'SQLite has its own triggers'),
      gate('indexes', 0, 0, 'SQLite has its own unique indexes'),
      gate('foreignKeys', 0, 0, 'SQLite has its own foreign keys'),
    ]
  return [await triggersGate(context), await indexesGate(context), foreignKeysGate(context)]
}

/** Those of views come with the statements that write them, where these can be translated. */
async function triggersGate(context: CarriedContext): Promise<Gate> {
  const { server, openReader, tables, foreignKeys } = context
  const { control, schema } = server
  const missing = await triggersWithoutTwin(control, { tables, schema })
  const reader = openReader()
  try {
    const views = unwritableViews({ tables, views: applicationViews(reader), schema, foreignKeys })
    const details = [
      ...(missing.length === 0 ? [] : [`without a twin on PostgreSQL: ${listed(missing)}`]),
      ...(views.length === 0 ? [] : [`views whose triggers have no form there: ${listed(views)}`]),
    ]
    const detail =
      details.length === 0
        ? 'every trigger has a twin of its name on PostgreSQL'
        : details.join('; ')
    return gate('triggers', missing.length + views.length, 0, detail)
  } finally {
    reader.close()
  }
}

async function indexesGate({ server, tables }: CarriedContext): Promise<Gate> {
  const { control, schema } = server
  const missing = await uniqueIndexesWithoutTwin(control, { tables, schema })
  const detail =
    missing.length === 0
      ? 'every unique index has a twin of its name on PostgreSQL'
      : `without a twin on PostgreSQL: ${listed(missing)}`
  return gate('indexes', missing.length, 0, detail)
}

function foreignKeysGate({ server, ...context }: CarriedContext): Gate {
  const missing = uncarriedForeignKeys({ ...context, schema: server.schema })
  const detail =
    missing.length === 0
      ? 'PostgreSQL can have every foreign key that SQLite enforces'
      : missing.map(({ reason }) => reason()).join('; ')
  return gate('foreignKeys', missing.length, 0, detail)
}

/** What PostgreSQL does not compute is a plain column there. */
export function generatedGate({
  tables,
  primary,
}: Pick<CarriedContext, 'tables' | 'primary'>): Gate {
  if (primary === 'postgres') return gate('generated', 0, 0, 'SQLite computes them')
  const columns = uncomputedColumns(tables).map(({ table, name }) => `${table}.${name}`)
  const detail =
    columns.length === 0
      ? 'PostgreSQL computes every generated column'
      : `PostgreSQL does not compute ${columns.join(', ')}`
  return gate('generated', columns.length, 0, detail)
}

function listed(parts: readonly { readonly name: string }[]): string {
  return parts
    .map(({ name }) => name)
    .toSorted()
    .join(', ')
}
