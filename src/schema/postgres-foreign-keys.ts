import type { PostgresType } from '../values/value.ts'
import type { DdlPlan, DdlStatement } from './ddl.ts'
import { decision } from './findings.ts'
import type { Finding, ForeignKey, Schema, Table } from './model.ts'
import { uniqueKeys } from './postgres-indexes.ts'
import { foreignKeyName } from './postgres-names.ts'
import { quoteIdentifier, quoteQualified } from './quote.ts'

/**
 * The foreign keys of a table with their actions, for the moment when PostgreSQL becomes the primary.
 * They are NOT VALID, which checks new writes at once and old rows later. A key that SQLite has and
 * PostgreSQL cannot have is a finding.
 */
export function addForeignKeys(
  table: Table,
  schema: Schema,
  schemaName: string,
  isWanted: (key: ForeignKey) => boolean = () => true,
): DdlPlan {
  const statements: DdlStatement[] = []
  const findings: Finding[] = []
  for (const { foreignKey, name, obstacle } of judged(table, schema).toReversed()) {
    if (!isWanted(foreignKey)) continue
    if (obstacle === null) {
      const sql = `${alter(table, schemaName)} ADD CONSTRAINT ${quoteIdentifier(name)} ${clause(foreignKey, schemaName)} NOT VALID`
      statements.push(statement(table, name, sql))
    } else {
      const message = `the foreign key (${foreignKey.columns.join(', ')}) to "${foreignKey.parent}" is not carried: ${obstacle}`
      const column = foreignKey.columns[0] ?? null
      findings.push(decision('FOREIGN_KEY_NOT_CARRIED', { table: table.name, column }, message))
    }
  }
  return { statements, findings }
}

/**
 * Those of several tables. PostgreSQL runs the actions of one row, and looks at the keys without one, in the order in which they
 * were made: SQLite runs the last declared action first, and looks when the statement is over.
 */
export function foreignKeysInOrder(
  tables: readonly Table[],
  schema: Schema,
  schemaName: string,
): DdlStatement[] {
  const made = (isWanted: (key: ForeignKey) => boolean): DdlStatement[] =>
    tables
      .toReversed()
      .flatMap((table) => addForeignKeys(table, schema, schemaName, isWanted).statements)
  return [
    ...made(actsOnDelete),
    ...made((key) => acts(key) && !actsOnDelete(key)),
    ...made((key) => !acts(key)),
  ]
}

/** A change of the parent changes the row or takes it away. */
export function acts({ onDelete, onUpdate }: ForeignKey): boolean {
  return isAction(onDelete) || isAction(onUpdate)
}

function actsOnDelete({ onDelete }: ForeignKey): boolean {
  return isAction(onDelete)
}

function isAction(clause: string): boolean {
  return /^(?:CASCADE|SET )/i.test(clause)
}

/** Checks the rows that were there before; reads may go on meanwhile, and so may writes. */
export function validateForeignKeys(table: Table, schema: Schema, schemaName: string): DdlPlan {
  const carried = judged(table, schema).filter(({ obstacle }) => obstacle === null)
  const statements = carried.map(({ name }) =>
    statement(
      table,
      name,
      `${alter(table, schemaName)} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`,
    ),
  )
  return { statements, findings: [] }
}

/** For the moment when PostgreSQL becomes the secondary; keys that are not there are no error. */
export function dropForeignKeys(table: Table, schemaName: string): DdlPlan {
  const names = table.foreignKeys.map((_, position) => foreignKeyName(table, position))
  const statements = names.map((name) =>
    statement(
      table,
      name,
      `${alter(table, schemaName)} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)}`,
    ),
  )
  return { statements, findings: [] }
}

interface Judged {
  readonly foreignKey: ForeignKey
  readonly name: string
  /** Why PostgreSQL cannot have it, or null. */
  readonly obstacle: string | null
}

function judged(table: Table, schema: Schema): Judged[] {
  return table.foreignKeys.map((foreignKey, position) => ({
    foreignKey,
    name: foreignKeyName(table, position),
    obstacle: obstacleTo(foreignKey, table, schema),
  }))
}

/** Why PostgreSQL cannot have a key of the table, or null. */
export function obstacleTo(foreignKey: ForeignKey, table: Table, schema: Schema): string | null {
  const { columns, parentColumns } = foreignKey
  const parent = schema.tables.find(({ name }) => name === foreignKey.parent)
  if (parent === undefined) return 'the parent is not mirrored'
  if (columns.length !== parentColumns.length) return 'the parent has a key of another length'
  const wanted = parentColumns.toSorted().join('\0')
  const found = uniqueKeys(parent).some((key) => key.toSorted().join('\0') === wanted)
  if (!found) return 'the parent has no primary key or unique index on these columns'
  const collation = parentColumns.map((name) => collationOf(parent, name)).find(Boolean)
  if (collation !== undefined)
    return `the parent tells these columns apart by ${collation}, which no key of PostgreSQL's does`
  const types = columns.map((column, position) =>
    compatible(typeOf(table, column), typeOf(parent, parentColumns[position] ?? '')),
  )
  return types.every(Boolean) ? null : 'the columns have another type than those of the parent'
}

/** Other than BINARY. SQLite compares child and parent by the parent's: https://www.sqlite.org/foreignkeys.html#fk_basics */
function collationOf(parent: Table, column: string): string | undefined {
  const found = parent.columns.find(({ name }) => name === column)
  return found?.postgresType === 'text' ? found.collation : undefined
}

function typeOf(table: Table, column: string): PostgresType | undefined {
  return table.columns.find(({ name }) => name === column)?.postgresType
}

/** PostgreSQL compares the two in the parent's type, which it must reach without a cast. */
function compatible(child: PostgresType | undefined, parent: PostgresType | undefined): boolean {
  if (child === undefined || parent === undefined) return false
  if (child === parent) return true
  if (child === 'bigint') return parent === 'double precision' || parent === 'numeric'
  return child === 'numeric' && parent === 'double precision'
}

function clause(foreignKey: ForeignKey, schemaName: string): string {
  const { columns, parent, parentColumns, onUpdate, onDelete, deferred } = foreignKey
  const target = `${quoteQualified(schemaName, parent)} (${list(parentColumns)})`
  const actions = `ON UPDATE ${onUpdate} ON DELETE ${onDelete}`
  const timing = deferred ? ' DEFERRABLE INITIALLY DEFERRED' : ''
  return `FOREIGN KEY (${list(columns)}) REFERENCES ${target} ${actions}${timing}`
}

function list(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ')
}

function alter(table: Table, schemaName: string): string {
  return `ALTER TABLE ${quoteQualified(schemaName, table.name)}`
}

function statement(table: Table, object: string, sql: string): DdlStatement {
  return { sql, table: table.name, object, mayFail: false }
}
