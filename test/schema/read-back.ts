import type { Client } from 'pg'
import { readTables } from '../../src/postgres/read-tables.ts'
import { shippedColumns, type Table } from '../../src/schema/model.ts'
import { defaultExpression } from '../../src/schema/postgres-default.ts'
import { addForeignKeys } from '../../src/schema/postgres-foreign-keys.ts'
import { createIndexes } from '../../src/schema/postgres-indexes.ts'
import { foreignKeyName, indexName } from '../../src/schema/postgres-names.ts'
import type {
  PostgresColumn,
  PostgresIndexPart,
  PostgresTable,
} from '../../src/schema/postgres-model.ts'
import { createTriggers } from '../../src/schema/postgres-triggers.ts'
import { postgresTriggerNames } from '../../src/schema/trigger-names.ts'
import { serverType } from '../../src/values/postgres-type.ts'

/** What of a table both the model and PostgreSQL's catalogs can say, in the model's words. */
export interface ReadBack {
  readonly name: string
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly notNull: boolean
    /** A rowid or INTEGER PRIMARY KEY, which the database gives. */
    readonly automatic: boolean
    readonly computed: boolean
    /** The value of the DEFAULT; `now` for the times of the statement; null where there is none. */
    readonly default: string | null
  }[]
  readonly key: readonly string[]
  readonly indexes: readonly {
    readonly name: string
    readonly unique: boolean
    readonly partial: boolean
    readonly parts: readonly {
      /** Null for an expression. */
      readonly column: string | null
      readonly collation: string
      readonly descending: boolean
      readonly nullsFirst: boolean
    }[]
  }[]
  readonly foreignKeys: readonly unknown[]
  readonly triggers: readonly string[]
}

const byName = ({ name: a }: { name: string }, { name: b }: { name: string }): number =>
  a < b ? -1 : Number(a > b)

/** From PostgreSQL's catalogs. */
export async function readBack(client: Client, names: readonly string[]): Promise<ReadBack[]> {
  const tables = await readTables(client, 'public', names)
  const read: ReadBack[] = []
  for (const table of tables.values()) read.push(await fromCatalog(client, table))
  return read
}

async function fromCatalog(client: Client, table: PostgresTable): Promise<ReadBack> {
  const columns: ReadBack['columns'][number][] = []
  for (const column of table.columns)
    columns.push({
      name: column.name,
      type: typeOf(column),
      notNull: column.notNull,
      automatic: column.identity !== null,
      computed: column.generated,
      default: column.generated ? null : await valueOf(client, column.expression, column.type),
    })
  return {
    name: table.name,
    columns,
    key: table.primaryKey?.columns ?? [],
    indexes: table.indexes
      .map(({ name, unique, parts, where }) => ({
        name,
        unique,
        partial: where !== null,
        parts: parts.map((part) => partOf(part, table)),
      }))
      .toSorted(byName),
    foreignKeys: [...table.foreignKeys].toSorted(byName),
    triggers: table.triggers.map(({ name }) => name).toSorted(),
  }
}

function typeOf({ type, collation }: PostgresColumn): string {
  const figures = /^timestamp\((\d)\) with time zone$/.exec(type)?.[1]
  const name = figures === undefined ? type : `timestamptz(${figures})`
  return collation === null ? name : `${name} ${collation}`
}

async function valueOf(
  client: Client,
  expression: string | null,
  type: string,
): Promise<string | null> {
  if (expression === null || expression === 'NULL') return null
  if (/timestamp|now\(/i.test(expression)) return 'now'
  const { rows } = await client.query<{ value: string }>(
    `SELECT (CAST((${expression}) AS ${type}))::text AS value`,
  )
  return rows[0]?.value ?? null
}

/** The forms that `createIndexes` gives a column in a collation of SQLite's, as PostgreSQL writes them. */
function partOf(
  { expression, descending, nullsFirst }: PostgresIndexPart,
  table: PostgresTable,
): ReadBack['indexes'][number]['parts'][number] {
  const unquote = (name: string): string =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
  const forms = [
    ['NOCASE', /^lower\(\(?(.+?) COLLATE "C"\)?\)$/],
    ['RTRIM', /^rtrim\(\(?(.+?) COLLATE "C"\)?, ' '::text\)$/],
    ['BINARY', /^(.+)$/],
  ] as const
  for (const [collation, form] of forms) {
    const name = unquote(form.exec(expression)?.[1] ?? '')
    if (table.columns.some((column) => column.name === name))
      return { column: name, collation, descending, nullsFirst }
  }
  return { column: null, collation: '', descending, nullsFirst }
}

/** What PostgreSQL is to have of a model once it is the primary, without asking it. */
export async function expected(
  client: Client,
  table: Table,
  tables: readonly Table[],
): Promise<ReadBack> {
  const columns: ReadBack['columns'][number][] = []
  for (const shipped of shippedColumns(table)) {
    const column = table.columns.find(({ name }) => name === shipped.name)
    const automatic = table.key.kind !== 'declared' && table.key.columns[0] === shipped.name
    const type = serverType(shipped.postgresType)
    const given = column === undefined || column.generated || automatic ? null : column
    columns.push({
      name: shipped.name,
      type: type === 'text' ? 'text C' : type,
      notNull: column?.notNull === true || table.key.columns.includes(shipped.name),
      automatic,
      computed: shipped.computed,
      default:
        given === null
          ? null
          : await valueOf(client, nowOr(defaultExpression(given), given.defaultSql), type),
    })
  }
  const keys = addForeignKeys(table, { tables }, 'public').statements.map(({ object }) => object)
  return {
    name: table.name,
    columns,
    key: table.key.columns,
    indexes: expectedIndexes(table),
    foreignKeys: table.foreignKeys
      .map((key, position) => ({
        name: foreignKeyName(table, position),
        columns: key.columns,
        parent: key.parent,
        parentColumns: key.parentColumns,
        onUpdate: actions[key.onUpdate],
        onDelete: actions[key.onDelete],
        deferred: key.deferred,
      }))
      .filter(({ name }) => keys.includes(name))
      .toSorted(byName),
    triggers: carriedTriggers(table, tables),
  }
}

const actions: Readonly<Record<string, string>> = {
  'NO ACTION': 'a',
  RESTRICT: 'r',
  CASCADE: 'c',
  'SET NULL': 'n',
  'SET DEFAULT': 'd',
}

function nowOr(expression: string | null, text: string | null): string | null {
  return expression !== null && /current|now|time/i.test(text ?? '') && !/^\s*\(?'/.test(text ?? '')
    ? 'now()'
    : expression
}

function expectedIndexes(table: Table): ReadBack['indexes'] {
  const made = new Set(createIndexes(table, 'public').statements.map(({ object }) => object))
  const notNull = new Set([
    ...table.key.columns,
    ...table.columns.filter((column) => column.notNull).map(({ name }) => name),
  ])
  const isText = (name: string | null): boolean =>
    table.columns.some((column) => column.name === name && column.postgresType === 'text')
  return table.indexes
    .filter(({ name }) => made.has(name))
    .map((index) => ({
      name: indexName(table, index),
      unique: index.unique,
      partial: index.where !== null,
      parts: index.parts.map(({ column, collation, descending }) => ({
        column,
        collation: column === null ? '' : isText(column) ? collation : 'BINARY',
        descending,
        // SQLite has NULL before everything; where there is none, PostgreSQL's own order is left.
        nullsFirst: column !== null && notNull.has(column) ? descending : !descending,
      })),
    }))
    .toSorted(byName)
}

function carriedTriggers(table: Table, tables: readonly Table[]): string[] {
  const names = postgresTriggerNames(table, tables)
  return table.triggers
    .filter((trigger) => createTriggers(table, tables, 'public', [trigger]).statements.length > 0)
    .map(({ name }) => names.get(name) ?? name)
    .toSorted()
}
