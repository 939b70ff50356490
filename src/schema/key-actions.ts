import type { ChangeEvent, TableChange } from '../sql/ddl/trigger-access.ts'
import type { ForeignKey, Table } from './model.ts'
import { obstacleTo } from './postgres-foreign-keys.ts'
import { foreignKeyName } from './postgres-names.ts'
import { foldName, quoteIdentifier as quote, quoteLiteral, quoteQualified } from './quote.ts'
import { carriedOnByAll } from './trigger-reach.ts'

interface InboundKey {
  readonly child: Table
  readonly key: ForeignKey
  /** PostgreSQL's constraint. */
  readonly name: string
}

/**
 * What foreign keys make of the row that a trigger is run for, in plpgsql and in SQLite's order, the newest key first:
 * PostgreSQL's own triggers would leave the AFTER triggers of what they change for the end of the statement, where SQLite
 * runs them before those of the row. They find nothing left to do.
 */
export function keyActions(
  table: Table,
  event: ChangeEvent,
  tables: readonly Table[],
  schema: string,
): string[] {
  if (event === 'INSERT') return []
  return inboundKeys(table, tables).flatMap(({ child, key, name }) => {
    const action = (event === 'DELETE' ? key.onDelete : key.onUpdate).toUpperCase()
    const acting = commandOf(action, event, key, quoteQualified(schema, child.name))
    if (acting === null) return []
    const there = isOnPostgres(child, name, schema)
    const { parentColumns } = key
    const row = (of: 'OLD' | 'NEW'): string =>
      parentColumns.map((column) => `${of}.${quote(column)}`).join(', ')
    const isChanged =
      event === 'DELETE' ? '' : `(${row('OLD')}) IS DISTINCT FROM (${row('NEW')}) AND `
    return `IF ${isChanged}${there} THEN ${acting} END IF;`
  })
}

/** In plpgsql: the key is there. Under `PRAGMA foreign_keys = OFF` none is. */
export function isOnPostgres({ name }: Table, constraint: string, schema: string): string {
  const regclass = quoteLiteral(quoteQualified(schema, name))
  return `EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = pg_catalog.to_regclass(${regclass}) AND conname = ${quoteLiteral(constraint)})`
}

/** SQLite has them in a list to which each goes in front. */
function inboundKeys(parent: Table, tables: readonly Table[]): InboundKey[] {
  const keys = tables.flatMap((child) =>
    child.foreignKeys.flatMap((key, position): InboundKey[] => {
      if (foldName(key.parent) !== foldName(parent.name)) return []
      if (obstacleTo(key, child, { tables }) !== null) return []
      return [{ child, key, name: foreignKeyName(child, position) }]
    }),
  )
  return keys.toReversed()
}

function commandOf(
  action: string,
  event: ChangeEvent,
  { columns, parentColumns }: ForeignKey,
  target: string,
): string | null {
  const count = columns.length
  const where = columns.map((column, index) => `${quote(column)} = $${index + 1}`).join(' AND ')
  const old = parentColumns.map((column) => `OLD.${quote(column)}`)
  const execute = (text: string, using = old): string =>
    `EXECUTE ${quoteLiteral(text)} USING ${using.join(', ')};`
  const set = (value: (index: number) => string): string =>
    `UPDATE ${target} SET ${columns.map((column, index) => `${quote(column)} = ${value(index)}`).join(', ')} WHERE ${where}`
  switch (action) {
    case 'CASCADE':
      if (event === 'DELETE') return execute(`DELETE FROM ${target} WHERE ${where}`)
      return execute(
        set((index) => `$${count + index + 1}`),
        [...old, ...parentColumns.map((column) => `NEW.${quote(column)}`)],
      )
    case 'SET NULL':
      return execute(set(() => 'NULL'))
    case 'SET DEFAULT':
      return execute(set(() => 'DEFAULT'))
    case 'RESTRICT':
      return `IF EXISTS (SELECT 1 FROM ${target} WHERE ${columns.map((column, index) => `${quote(column)} = ${old[index]}`).join(' AND ')}) THEN RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = 'FOREIGN KEY constraint failed'; END IF;`
    default:
      return null
  }
}

/**
 * Whether the actions may be over before the row's own triggers run. Not where a key without an action holds what they change
 * by rows that go only later: in a statement of its own that would be looked at too early.
 * @param written tables that the triggers of the row write, folded
 */
export function mayActFirst(
  change: TableChange,
  tables: readonly Table[],
  written: ReadonlySet<string>,
): boolean {
  const places = new Map(tables.map(({ name }, place) => [foldName(name), place]))
  const changes = carriedOnByAll(change, tables)
  const changed = new Set(changes.map((each) => each.table))
  return changes.every((each) =>
    holdersOf(each, tables).every((holder) => {
      if (holder === each.table) return true
      const isLater = (places.get(holder) ?? 0) < (places.get(each.table) ?? 0)
      return !written.has(holder) && !(changed.has(holder) && isLater)
    }),
  )
}

/** The tables whose keys without an action look at such a change when its statement is over, folded. */
function holdersOf({ table, event, columns }: TableChange, tables: readonly Table[]): string[] {
  const holds = ({ parent, parentColumns, onDelete, onUpdate, deferred }: ForeignKey): boolean => {
    if (foldName(parent) !== table || deferred) return false
    if (event === 'DELETE') return onDelete.toUpperCase() === 'NO ACTION'
    const isKey = columns === null || parentColumns.some((name) => columns.has(foldName(name)))
    return isKey && onUpdate.toUpperCase() === 'NO ACTION'
  }
  return tables
    .filter(({ foreignKeys }) => foreignKeys.some(holds))
    .map(({ name }) => foldName(name))
}
