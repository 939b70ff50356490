import { LockstepError } from '../core/errors.ts'
import type { Queryer } from '../postgres/control.ts'
import { defaultExpression } from '../schema/postgres-default.ts'
import type { Table } from '../schema/model.ts'
import { foldName, quoteQualified } from '../schema/quote.ts'
import { tokenize } from '../sql/parser.ts'
import type { Statement } from '../sql/statement.ts'
import { unsupported } from '../sql/translate/refuse.ts'
import type { Connection } from '../sqlite/connection.ts'
import { installedTables } from '../sqlite/install.ts'
import { applicationViews } from '../sqlite/views.ts'
import type { ChangeSettings } from './schema-change.ts'
import { uncarried, type SchemaToCarry, type Uncarried } from './uncarried.ts'

/**
 * Changes both places, where PostgreSQL is the primary, and refuses what SQLite alone would have: before a flip a gate
 * counts it, and behind one nobody would ask. What PostgreSQL did without before stays as it is.
 * @param change in the caller's savepoints, on both places
 * @throws LockstepError SQL_UNSUPPORTED
 */
export async function carriedWhole<T>(
  { client, db, settings }: { client: Queryer; db: Connection; settings: ChangeSettings },
  statement: Statement,
  change: () => Promise<T>,
): Promise<T> {
  if (statement.kind !== 'ddl') return change()
  const before = readSchema(db, settings)
  const known = new Set((await uncarried(client, before)).map(identity))
  const result = await change()
  const after = readSchema(db, settings)
  if (settings.enforced) await refuseReferringDefault(client, before, after)
  const all = [...(await uncarried(client, after)), ...(await unfilled(client, before, after))]
  const added = all.find((part) => !known.has(identity(part)))
  if (added !== undefined) throw refusal(statement.sql, added)
  return result
}

function readSchema(db: Connection, { schema, foreignKeys }: ChangeSettings): SchemaToCarry {
  return { tables: installedTables(db), views: applicationViews(db), schema, foreignKeys }
}

/** Tells it from all others, before and behind a change. */
export function identity({ kind, id }: Uncarried): string {
  return `${kind} ${id}`
}

/** New columns whose DEFAULT has no form, of tables that have rows: SQLite gives it to each of these. */
async function unfilled(
  db: Queryer,
  before: SchemaToCarry,
  after: SchemaToCarry,
): Promise<Uncarried[]> {
  const found: Uncarried[] = []
  for (const { table, column } of addedColumns(before, after)) {
    if (column.defaultSql === null || defaultExpression(column) !== null) continue
    if (!(await hasRows(db, table, after))) continue
    const reason = (): string =>
      `The rows that are there would not get DEFAULT ${column.defaultSql}`
    const id = `${table.id} ${column.name}`
    found.push({ kind: 'column', id, table: table.name, name: column.name, reason })
  }
  return found
}

/**
 * SQLite looks at this only with foreign keys on, which are off where the file follows PostgreSQL, and at the rows,
 * which the file may not have yet. https://www.sqlite.org/lang_altertable.html#alter_table_add_column
 */
async function refuseReferringDefault(
  db: Queryer,
  before: SchemaToCarry,
  after: SchemaToCarry,
): Promise<void> {
  for (const { table, column } of addedColumns(before, after)) {
    const refers = table.foreignKeys.some(({ columns }) => columns.includes(column.name))
    const isNull = column.defaultSql === null || /^[\s(]*null[\s)]*$/i.test(column.defaultSql)
    if (!refers || isNull || !(await hasRows(db, table, after))) continue
    const words = 'Cannot add a REFERENCES column with non-NULL default value'
    throw new LockstepError('SQLITE_ERROR', words)
  }
}

interface AddedColumn {
  readonly table: Table
  readonly column: Table['columns'][number]
}

/** By ALTER TABLE, of which each statement adds one. */
function addedColumns(before: SchemaToCarry, after: SchemaToCarry): AddedColumn[] {
  return after.tables.flatMap((table) => {
    const old = before.tables.find(({ id }) => id === table.id)
    const column = table.columns.at(-1)
    const isAdded = old !== undefined && table.columns.length > old.columns.length
    return isAdded && column !== undefined ? [{ table, column }] : []
  })
}

async function hasRows(db: Queryer, { name }: Table, { schema }: SchemaToCarry): Promise<boolean> {
  const { rowCount } = await db.query(`SELECT FROM ${quoteQualified(schema, name)} LIMIT 1`)
  return rowCount !== 0
}

const waysOut: Readonly<Record<Uncarried['kind'], string>> = {
  trigger: 'make a trigger of that name on PostgreSQL first, which does the same',
  'unique index': 'make a unique index of that name on PostgreSQL first, which refuses the same',
  'foreign key':
    'give both columns one type, and the parent a primary key or unique index on its own',
  'generated column': 'make it an ordinary column, or read it from a view',
  column: 'declare a type that holds the DEFAULT, or leave the DEFAULT out',
  table: 'leave that out',
  view: 'use the tables behind it',
}

/** Says of a statement why it is not carried, and what to do. */
export function refusal(sql: string, { kind, name, reason }: Uncarried): Error {
  const wayOut = `${sentence(reason())}. Write it in another way, or ${waysOut[kind]}`
  return unsupported(sql, `The ${kind} "${name}"`, offsetOf(sql, name), wayOut)
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/\.$/, '')
}

/** Where the statement names it; its beginning where something else brings it about. */
function offsetOf(sql: string, name: string): number {
  const known = foldName(name)
  return tokenize(sql).find(({ text }) => foldName(bare(text)) === known)?.offset ?? 0
}

/** A token without its quotes. */
function bare(text: string): string {
  return text.replaceAll(/^["'`[]|["'`\]]$/g, '')
}
