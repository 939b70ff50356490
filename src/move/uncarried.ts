import type { Queryer } from '../postgres/control.ts'
import { applicationTriggers, uniqueIndexesThere } from '../postgres/install.ts'
import { isUnfinished } from '../postgres/schema-log.ts'
import { catalogOf } from '../schema/catalog.ts'
import type { DdlPlan } from '../schema/ddl.ts'
import type { Table } from '../schema/model.ts'
import { addForeignKeys } from '../schema/postgres-foreign-keys.ts'
import { createIndexes, uniqueIndexes } from '../schema/postgres-indexes.ts'
import { indexName } from '../schema/postgres-names.ts'
import { createTriggers } from '../schema/postgres-triggers.ts'
import { foldName } from '../schema/quote.ts'
import { postgresTriggerNames } from '../schema/trigger-names.ts'
import { unusable } from './unusable.ts'
import { uncarriedViews } from '../sql/uncarried-views.ts'
import type { View } from '../sql/views.ts'

/** Something of SQLite's that decides over rows, and that PostgreSQL has not. */
export interface Uncarried {
  readonly kind:
    | 'trigger'
    | 'unique index'
    | 'foreign key'
    | 'generated column'
    | 'column'
    | 'table'
    | 'view'
  /** What tells it from others of its kind, also where its table is renamed. */
  readonly id: string
  /** The view's own where it is one. */
  readonly table: string
  readonly name: string
  /** Why PostgreSQL has none, without a full stop: asked for only where somebody is told. */
  readonly reason: () => string
}

export interface SchemaToCarry {
  readonly tables: readonly Table[]
  /** Of SQLite, by folded name. */
  readonly views: ReadonlyMap<string, View>
  /** PostgreSQL's schema. */
  readonly schema: string
  /** The application has foreign keys enforced. */
  readonly foreignKeys: boolean
}

/**
 * What PostgreSQL as the primary would do without: behind a flip no change of the schema may bring another one. Gates of
 * the flip count what would let rows differ.
 */
export async function uncarried(db: Queryer, given: SchemaToCarry): Promise<Uncarried[]> {
  return [
    ...(await triggersWithoutTwin(db, given)),
    ...(await uniqueIndexesWithoutTwin(db, given)),
    ...uncarriedForeignKeys(given),
    ...uncomputedColumns(given.tables),
    ...unwritableViews(given),
    ...unusable(given),
  ]
}

/** The same by the schema alone: what no twin that somebody has made by hand can be asked about. */
export function withoutForm(given: SchemaToCarry): Uncarried[] {
  const { schema, tables } = given
  const candidates = [...triggersOf({ tables, schema }), ...uniqueIndexesOf({ tables, schema })]
  return [
    ...candidates.filter(({ plan }) => plan().statements.length === 0).map(({ part }) => part),
    ...uncarriedForeignKeys(given),
    ...uncomputedColumns(tables),
    ...unwritableViews(given),
    ...unusable(given),
  ]
}

/** What could be made on PostgreSQL, under one of these names. */
interface Candidate {
  readonly part: Uncarried
  readonly names: readonly string[]
  readonly plan: () => DdlPlan
}

function triggersOf({ tables, schema }: Pick<SchemaToCarry, 'tables' | 'schema'>): Candidate[] {
  return tables.flatMap((table) => {
    const theirs = postgresTriggerNames(table, tables)
    return table.triggers.map((trigger): Candidate => {
      const { name } = trigger
      const plan = (): DdlPlan => createTriggers(table, tables, schema, [trigger])
      const reason = (): string => messageOf(plan())
      const part = { kind: 'trigger', id: foldName(name), table: table.name, name, reason } as const
      return { part, names: [name, theirs.get(name) ?? name], plan }
    })
  })
}

function uniqueIndexesOf({
  tables,
  schema,
}: Pick<SchemaToCarry, 'tables' | 'schema'>): Candidate[] {
  return tables.flatMap((table) =>
    uniqueIndexes(table).map((index): Candidate => {
      const { name } = index
      const twin = indexName(table, index)
      const plan = (): DdlPlan => createIndexes({ ...table, indexes: [index] }, schema)
      const reason = (): string => messageOf(plan())
      const part = {
        kind: 'unique index',
        id: foldName(twin),
        table: table.name,
        name,
        reason,
      } as const
      return { part, names: [name, twin], plan }
    }),
  )
}

/** A trigger works on PostgreSQL only where its twin is there: carried over, or made by someone. */
export async function triggersWithoutTwin(
  db: Queryer,
  { tables, schema }: Pick<SchemaToCarry, 'tables' | 'schema'>,
): Promise<Uncarried[]> {
  const twins = twinsOf(await applicationTriggers(db, schema))
  return triggersOf({ tables, schema })
    .filter(({ part, names }) => !twins.has(part.table, ...names))
    .map(({ part }) => part)
}

/** So it is with a unique index: without its twin PostgreSQL takes rows that SQLite refuses. */
export async function uniqueIndexesWithoutTwin(
  db: Queryer,
  { tables, schema }: Pick<SchemaToCarry, 'tables' | 'schema'>,
): Promise<Uncarried[]> {
  const twins = twinsOf(await uniqueIndexesThere(db, schema))
  // Those that wait for equal rows are made before a flip moves anything, or stop it.
  const waits = await isUnfinished(db)
  return uniqueIndexesOf({ tables, schema })
    .filter(({ part, names }) => !twins.has(part.table, ...names))
    .filter(({ plan }) => !waits || plan().statements.length === 0)
    .map(({ part }) => part)
}

/** A foreign key that SQLite enforces and PostgreSQL cannot have, where both tables are there. */
export function uncarriedForeignKeys({
  tables,
  schema,
  foreignKeys,
}: Pick<SchemaToCarry, 'tables' | 'schema' | 'foreignKeys'>): Uncarried[] {
  if (!foreignKeys) return []
  const known = new Set(tables.map(({ name }) => name))
  return tables.flatMap((table) =>
    table.foreignKeys
      // Without its parent SQLite takes no row of the table; migrations make children before parents.
      .filter(({ parent }) => known.has(parent))
      .flatMap((foreignKey): Uncarried[] => {
        const plan = addForeignKeys({ ...table, foreignKeys: [foreignKey] }, { tables }, schema)
        if (plan.findings.length === 0) return []
        const name = foreignKey.columns.join(', ')
        const id = `${table.id} ${foldName(name)}`
        const reason = (): string => messageOf(plan)
        return [{ kind: 'foreign key', id, table: table.name, name, reason }]
      }),
  )
}

/** What PostgreSQL does not compute is a plain column there: rows written there would not have it. */
export function uncomputedColumns(tables: readonly Table[]): Uncarried[] {
  return tables.flatMap((table) =>
    table.columns
      .filter(({ generated, computed }) => generated && computed !== true)
      .map((column): Uncarried => ({
        kind: 'generated column',
        id: `${table.id} ${foldName(column.name)}`,
        table: table.name,
        name: column.name,
        reason: () => `PostgreSQL does not compute ${column.generatedSql ?? 'it'}`,
      })),
  )
}

/** What INSTEAD OF triggers do comes with the statements that write the view, where these can be translated. */
export function unwritableViews({ tables, views, foreignKeys }: SchemaToCarry): Uncarried[] {
  const catalog = catalogOf({ version: 0, tables, foreignKeys })
  return uncarriedViews(catalog, views).map(({ name, reason }): Uncarried => ({
    kind: 'view',
    id: foldName(name),
    table: name,
    name,
    reason: () => reason,
  }))
}

/** The finding that says why, or else PostgreSQL has refused what could be. */
function messageOf({ findings }: DdlPlan): string {
  return findings[0]?.message ?? 'PostgreSQL has none of that name'
}

interface Twins {
  /** Whether a table has one of these, whatever the case of the letters. */
  has(table: string, ...any: readonly string[]): boolean
}

function twinsOf(there: readonly { readonly tbl: string; readonly name: string }[]): Twins {
  const known = new Set(there.map(({ tbl, name }) => foldName(`${tbl} ${name}`)))
  return { has: (table, ...any) => any.some((name) => known.has(foldName(`${table} ${name}`))) }
}
