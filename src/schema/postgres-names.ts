import { createHash } from 'node:crypto'
import { LockstepError } from '../core/errors.ts'
import { shippedColumns, type Index, type Table } from './model.ts'

/** PostgreSQL cuts longer names silently. https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
const maxNameBytes = 63

/** Columns that every table of PostgreSQL has already. */
const systemColumns = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'])

/** Its catalogs are found before all other tables. https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-CATALOG */
const catalogName = /^pg_/

/** https://www.postgresql.org/docs/current/limits.html */
const maxColumns = 1600

/** What Lockstep calls things of its own on PostgreSQL, beside the tables. */
const ownNames = /^lockstep_(?:pk|uq|ix|fk|seq|trigger)_/

/** @throws LockstepError SCHEMA_UNSUPPORTED for a table that PostgreSQL cannot have, or not with these names */
export function assertCarriable(table: Table): void {
  assertNames(table)
  const { name, indexes, triggers } = table
  const columns = shippedColumns(table).length
  if (columns > maxColumns) {
    const message = `table "${name}" cannot be mirrored: it has ${columns} columns, and PostgreSQL's tables have ${maxColumns} at most`
    throw new LockstepError('SCHEMA_UNSUPPORTED', `${message}. Split it first.`, {
      details: { table: name, columns },
    })
  }
  const own =
    [name, ...indexes.map((index) => index.name)].find((each) => ownNames.test(each)) ??
    triggers.find((trigger) => trigger.name.startsWith('lockstep_'))?.name
  if (own !== undefined)
    throw unsupported(`"${own}" has a name that Lockstep gives to what it makes on PostgreSQL`, {
      table: name,
    })
}

/** Throws `SCHEMA_UNSUPPORTED` for a table or a column whose name PostgreSQL cannot take as it is. */
export function assertNames(
  table: Pick<Table, 'name' | 'key'> & { readonly columns: readonly { readonly name: string }[] },
): void {
  const reason = catalogName.test(table.name)
    ? "PostgreSQL's own tables begin with pg_"
    : nameProblem(table.name)
  if (reason !== null) {
    throw unsupported(`table "${table.name}" cannot be mirrored: ${reason}`, { table: table.name })
  }
  const hidden = table.key.kind === 'rowid' ? table.key.columns : []
  for (const name of [...hidden, ...table.columns.map((column) => column.name)]) {
    const problem = systemColumns.has(name)
      ? 'PostgreSQL has a system column of that name'
      : nameProblem(name)
    if (problem === null) continue
    const message = `column "${name}" of table "${table.name}" cannot be mirrored: ${problem}`
    throw unsupported(message, { table: table.name, column: name })
  }
}

/** Why PostgreSQL cannot have the name, or null. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'PostgreSQL has no empty names'
  return fits(name) ? null : `PostgreSQL's names have at most ${maxNameBytes} bytes`
}

function fits(name: string): boolean {
  return Buffer.byteLength(name) <= maxNameBytes
}

function unsupported(message: string, details: Record<string, string>): LockstepError {
  return new LockstepError('SCHEMA_UNSUPPORTED', `${message}. Rename it first.`, { details })
}

/*
 * Tables, indexes and sequences share one namespace on PostgreSQL, and so do tables and indexes on
 * SQLite: names that the application gave cannot collide there. Names that SQLite or PostgreSQL would
 * make up can, so those carry the table's number, which no other table ever has.
 */

export function primaryKeyName(table: Table): string {
  return `lockstep_pk_${table.id}`
}

export function sequenceName(table: Table): string {
  return `lockstep_seq_${table.id}`
}

export function foreignKeyName(table: Table, position: number): string {
  return `lockstep_fk_${table.id}_${position + 1}`
}

/** The application's own name where there is one and it fits. */
export function indexName(table: Table, index: Index): string {
  if (index.origin === 'c' && fits(index.name)) return index.name
  const ordinal = /_(\d+)$/.exec(index.name)?.[1]
  if (index.origin !== 'c' && ordinal !== undefined) return `lockstep_uq_${table.id}_${ordinal}`
  const hash = createHash('sha256').update(index.name).digest('hex').slice(0, 8)
  return `lockstep_ix_${table.id}_${hash}`
}
