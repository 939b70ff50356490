import type { ErrorCode } from '../core/errors.ts'
import type { Index, Table } from './model.ts'
import { indexName, primaryKeyName } from './postgres-names.ts'

/** What PostgreSQL says of a violated constraint. */
export interface ViolatedConstraint {
  readonly sqlState: string
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined
}

/** The same violation in SQLite's words, on which applications match. */
export interface Violation {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Null for what is no violation of a mirrored table's constraint. */
export type DescribeViolation = (violated: ViolatedConstraint) => Violation | null

const orphan =
  'A row that breaks a foreign key while PRAGMA foreign_keys is OFF: SQLite takes it, PostgreSQL does not. ' +
  'Write the row that it refers to first'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, https://www.sqlite.org/rescode.html */
export function violationsOf(
  tables: readonly Table[],
  { foreignKeysOff = false }: { readonly foreignKeysOff?: boolean } = {},
): DescribeViolation {
  const byName = new Map(tables.map((table) => [table.name, table]))
  const uniques = new Map<string, Map<string, Violation>>()
  return ({ sqlState, table: name, column, constraint }) => {
    if (sqlState === '23503' || sqlState === '23001') {
      if (foreignKeysOff) return { code: 'SQL_UNSUPPORTED', message: orphan }
      // SQLite makes RESTRICT of a trigger, which its code tells.
      const code =
        sqlState === '23001' ? 'SQLITE_CONSTRAINT_TRIGGER' : 'SQLITE_CONSTRAINT_FOREIGNKEY'
      return { code, message: 'FOREIGN KEY constraint failed' }
    }
    const table = name === undefined ? undefined : byName.get(name)
    if (table === undefined) return null
    if (sqlState === '23502' && column !== undefined) return notNull(table, column)
    if (sqlState !== '23505' || constraint === undefined) return null
    let known = uniques.get(table.name)
    if (known === undefined) uniques.set(table.name, (known = uniqueViolations(table)))
    return known.get(constraint) ?? null
  }
}

/** NULL is no rowid; elsewhere PostgreSQL refuses it as SQLite does. */
function notNull({ name, key, columns, withoutRowid }: Table, column: string): Violation {
  if (key.kind !== 'declared' && key.columns[0] === column)
    return { code: 'SQLITE_MISMATCH', message: 'datatype mismatch' }
  const declared = columns.find((each) => each.name === column)
  if (declared?.notNull === false && !withoutRowid && key.columns.includes(column)) {
    return {
      code: 'SQL_UNSUPPORTED',
      message: `NULL in ${name}.${column}: SQLite takes it in a key, PostgreSQL does not. Give every row a key`,
    }
  }
  return {
    code: 'SQLITE_CONSTRAINT_NOTNULL',
    message: `NOT NULL constraint failed: ${name}.${column}`,
  }
}

/** By the name of PostgreSQL's index. */
function uniqueViolations(table: Table): Map<string, Violation> {
  const violations = new Map<string, Violation>()
  for (const index of table.indexes.filter(({ unique }) => unique)) {
    violations.set(indexName(table, index), ofIndex(table, index))
  }
  violations.set(primaryKeyName(table), ofPrimaryKey(table))
  return violations
}

function ofPrimaryKey(table: Table): Violation {
  const index = table.indexes.find(({ origin }) => origin === 'pk')
  if (index !== undefined && table.key.kind !== 'rowid') return ofIndex(table, index)
  return {
    code: table.key.kind === 'rowid' ? 'SQLITE_CONSTRAINT_ROWID' : 'SQLITE_CONSTRAINT_PRIMARYKEY',
    message: failed(table, table.key.columns),
  }
}

/** An index with an expression is named, as its parts cannot be. */
function ofIndex(table: Table, { name, parts, origin }: Index): Violation {
  const columns = parts.flatMap(({ column }) => column ?? [])
  return {
    code: origin === 'pk' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : 'SQLITE_CONSTRAINT_UNIQUE',
    message:
      columns.length === parts.length
        ? failed(table, columns)
        : `UNIQUE constraint failed: index '${name}'`,
  }
}

function failed({ name }: Table, columns: readonly string[]): string {
  return `UNIQUE constraint failed: ${columns.map((column) => `${name}.${column}`).join(', ')}`
}
