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
  { tables, schema }: SchemaToCarry,
): Promise<Uncarried[]> {
  const found: Uncarried[] = []
  for (const table of tables) {
    const column = addedWithoutDefault(before.tables, table)
    if (column === undefined) continue
    const { rowCount } = await db.query(`SELECT FROM ${quoteQualified(schema, table.name)} LIMIT 1`)
    if (rowCount === 0) continue
    const reason = (): string =>
      `The rows that are there would not get DEFAULT ${column.defaultSql}`
    const id = `${table.id} ${column.name}`
    found.push({ kind: 'column', id, table: table.name, name: column.name, reason })
  }
  return found
}

function addedWithoutDefault(
  before: readonly Table[],
  { id, columns }: Table,
): Table['columns'][number] | undefined {
  const old = before.find((table) => table.id === id)
  if (old === undefined) return undefined
  const had = new Set(old.columns.map(({ name }) => name))
  return columns.find(
    (column) =>
      !had.has(column.name) && column.defaultSql !== null && defaultExpression(column) === null,
  )
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
