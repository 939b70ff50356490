import type {
  Catalog,
  PreparedChange,
  Relation,
  RelationColumn,
  UnfollowedKeys,
  UniqueKey,
  VirtualTable,
} from '../sql/catalog.ts'
import { createAbsentParents } from './absent-parents.ts'
import { createRowByRow, type RowByRow } from './row-by-row.ts'
import { createFiresPolicy } from './trigger-policies.ts'
import { shippedColumns, type Index, type Table } from './model.ts'
import {
  followedColumnsOf,
  isHeld,
  reachedFrom,
  selfCascadesOf,
  selfRestricts,
  selfSetsOf,
} from './self-cascades.ts'
import { foldName } from './quote.ts'

/** A view with what its columns give on PostgreSQL; the type of a column is known once it is translated. */
export interface CatalogView {
  readonly name: string
  readonly columns: readonly RelationColumn[]
}

export interface CatalogSource {
  readonly version: number
  readonly tables: readonly Table[]
  readonly views?: readonly CatalogView[]
  readonly virtualTables?: ReadonlyMap<string, VirtualTable>
  /** What the file says of its schema; a statement that asks for it beside tables is refused without. */
  readonly facts?: Pick<Catalog, 'schemaRows' | 'pragmaRows'>
  /** Whether the application had foreign keys enforced on SQLite: without them nothing cascades. */
  readonly foreignKeys: boolean
  /** They are enforced, and the application has switched them off on its connection. */
  readonly foreignKeysOff?: boolean
}

/**
 * The translator's view of the mirrored schema. Tables on PostgreSQL carry SQLite's names to the letter,
 * so that only the hidden rowid of a keyless table differs.
 */
export function catalogOf(source: CatalogSource): Catalog {
  const { version, tables, views = [], foreignKeys, virtualTables = new Map() } = source
  const { foreignKeysOff = false } = source
  const parents = new Set(
    foreignKeys
      ? tables.flatMap((table) => table.foreignKeys.map(({ parent }) => foldName(parent)))
      : [],
  )
  const rowByRow = createRowByRow(tables)
  const absentParent = createAbsentParents(tables, source.facts?.schemaRows, rowByRow)
  const firesPolicy = createFiresPolicy(tables, rowByRow)
  const relations = [
    ...tables.map((table) => ({
      ...relationOf(table, parents.has(foldName(table.name))),
      rowByRow: table.triggers.some(
        (trigger) => fails.test(trigger.sql) || rowByRow.needsOneRow(table, trigger),
      ),
      before: rowByRow.eventsBefore(table),
      ...(foreignKeysOff ? { unfollowed: unfollowedKeysOf(table, tables) } : {}),
      ...(foreignKeys &&
        !foreignKeysOff && {
          absentParent: (change: PreparedChange) => absentParent(table, change),
        }),
      reaches: foreignKeys ? reachedFrom(table, tables) : new Set<string>(),
      triggerPolicies: firesPolicy(table),
      isHeld: foreignKeys && isHeld(table, tables),
      selfCascades: foreignKeys ? selfCascadesOf(table, tables) : [],
      ...(foreignKeys && selfSets(table, rowByRow)),
      selfRestricts: foreignKeys && selfRestricts(table),
      followedColumns: foreignKeys ? followedColumnsOf(table, tables) : new Set<string>(),
    })),
    ...views.map(viewRelation),
  ]
  const byName = new Map(relations.map((relation) => [foldName(relation.name), relation]))
  const relation = (name: string): Relation | undefined => byName.get(foldName(name))
  return { version, relations, relation, virtualTables, ...source.facts }
}

function unfollowedKeysOf({ name, triggers }: Table, tables: readonly Table[]): UnfollowedKeys {
  const keys = tables.flatMap(({ foreignKeys }) => foreignKeys)
  const here = keys.filter(({ parent }) => foldName(parent) === foldName(name))
  return {
    columns: new Set(here.flatMap(({ parentColumns }) => parentColumns.map(foldName))),
    byTriggers: triggers.length > 0 && keys.length > 0,
  }
}

function selfSets(table: Table, rowByRow: RowByRow): Pick<Relation, 'selfSets'> {
  const keys = selfSetsOf(table)
  if (keys.length === 0) return {}
  const columns = new Set(keys.flatMap((key) => key.columns.map(foldName)))
  const watched = table.triggers.some((trigger) => rowByRow.seesSet(table, trigger, columns))
  return { selfSets: { keys, watched } }
}

/** It keeps what the statement has done before, for which its trigger counts rows. */
const fails = /\braise\s*\(\s*fail/i

function relationOf(
  table: Table,
  isReferenced: boolean,
): Omit<Relation, 'selfCascades' | 'selfRestricts' | 'followedColumns' | 'reaches' | 'isHeld'> {
  const { name, key } = table
  return {
    kind: 'table',
    name,
    postgresName: name,
    columns: table.columns.map((column) => ({
      name: column.name,
      postgresName: column.name,
      declaredType: column.declaredType,
      affinity: column.affinity,
      postgresType: column.postgresType,
      // SQLite lets a NULL into a declared key; PostgreSQL's primary key, where such a row never comes, does not.
      notNull: column.notNull || key.columns.includes(column.name),
      refusesNull:
        column.notNull ||
        (key.columns.includes(column.name) && (key.kind === 'integer' || table.withoutRowid)),
      collation: column.collation ?? 'BINARY',
      generated: column.generated,
      computed: column.computed ?? false,
      hasDefault: column.defaultSql !== null,
      defaultSql: column.defaultSql,
      table: table.name,
      isRowid: key.kind === 'integer' && key.columns.includes(column.name),
      ...(table.strict === true && { strictType: column.declaredType.toUpperCase() }),
    })),
    rowid:
      key.kind === 'declared'
        ? null
        : { column: key.columns[0] as string, hidden: key.kind === 'rowid' },
    autoincrement: table.autoincrement,
    uniqueKeys: uniqueKeysOf(table),
    indexes: table.indexes.map(({ name, where, origin, parts }) => ({
      name,
      partial: where !== null,
      isPrimary: origin === 'pk',
      parts: parts.map(({ column, collation }) => ({ column, collation: collation.toUpperCase() })),
    })),
    isReferenced,
    hasTriggers: table.triggers.length > 0,
    withoutRowid: table.withoutRowid,
    checks: table.checks ?? null,
    checkNames: table.checkNames ?? table.checks ?? [],
    hasConflictClauses: table.conflictClauses ?? true,
  }
}

function viewRelation({ name, columns }: CatalogView): Relation {
  return {
    kind: 'view',
    name,
    postgresName: name,
    columns,
    rowid: null,
    autoincrement: false,
    uniqueKeys: [],
    isReferenced: false,
    isHeld: false,
    reaches: new Set(),
    selfCascades: [],
    followedColumns: new Set(),
    hasTriggers: false,
    checks: [],
    checkNames: [],
    hasConflictClauses: false,
  }
}

/** The primary key first, then the unique indexes as SQLite lists them. */
export function uniqueKeysOf(table: Table): UniqueKey[] {
  const unique = table.indexes.filter((index) => index.unique)
  const declared = unique.filter(({ origin }) => origin === 'pk').map(keyOf)
  const primary =
    table.key.kind === 'rowid' || declared.length === 0
      ? [keyOfColumns(table), ...declared]
      : declared
  return [...primary, ...unique.filter(({ origin }) => origin !== 'pk').map(keyOf)]
}

function keyOf({ parts, where, origin }: Index): UniqueKey {
  return {
    parts: parts.map(({ column, expression, collation, descending }) => ({
      column,
      expression,
      collation,
      descending,
    })),
    where,
    isPrimary: origin === 'pk',
  }
}

/** A key that no index of SQLite stands for: the rowid, or the whole of a WITHOUT ROWID table. */
function keyOfColumns(table: Table): UniqueKey {
  const shipped = new Map(shippedColumns(table).map((column) => [column.name, column]))
  const collations = new Map(table.columns.map(({ name, collation }) => [name, collation]))
  return {
    parts: table.key.columns
      .filter((column) => shipped.has(column))
      .map((column) => ({
        column,
        expression: null,
        collation: collations.get(column) ?? 'BINARY',
      })),
    where: null,
    isPrimary: true,
  }
}
