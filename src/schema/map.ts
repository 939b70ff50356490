import { LockstepError } from '../core/errors.ts'
import type { PostgresType } from '../values/value.ts'
import { chooseType, isEmpty, isTextual, misfits } from './choose-type.ts'
import { isUpgraded } from '../values/postgres-type.ts'
import { isNumericAffinity } from '../values/affinity.ts'
import { counted, info, warning } from './findings.ts'
import { decideGenerated } from './generated.ts'
import type { MappedSchema, MappedTable } from './mapped.ts'
import { findMisfits, findNullKeys } from './misfits.ts'
import type { Column, Finding } from './model.ts'
import { columnPath, resolveOverrides, type TypeOverrides } from './overrides.ts'
import { profileTable, type ColumnProfile, type TableProfile } from './profile.ts'
import type { SchemaReader } from './reader.ts'
import { misfitFinding, nullKeyFinding } from './row-findings.ts'
import type { SourceColumn, SourceSchema, SourceTable } from './source.ts'

/**
 * Chooses the PostgreSQL type of every column from its declaration and its data; `chooseType` has the
 * rules. Reads every table once, with aggregates that SQLite computes. Rows that will not fit their
 * column give a finding with their number; they would go to quarantine.
 */
export function mapSchema(
  db: SchemaReader,
  source: SourceSchema,
  options: { overrides?: TypeOverrides } = {},
): MappedSchema {
  const overrides = resolveOverrides(options.overrides ?? {}, source.tables)
  const profiles = source.tables.map((table) => profileTable(db, table))
  const tables = chooseTypes(source.tables, profiles, overrides)
  const findings = tables.flatMap((table, position) =>
    table.columns.flatMap((column, index) =>
      isUpgraded(column.postgresType)
        ? refusedRows(db, table, column)
        : columnFindings(db, table, column, profileAt(profiles, position, index)),
    ),
  )
  return { tables, profiles, findings }
}

/**
 * The same for data that has been profiled already, without findings.
 * @param profiles in the order of the tables and of their columns
 * @param overrides of `resolveOverrides`
 */
export function chooseTypes(
  source: readonly SourceTable[],
  profiles: readonly TableProfile[],
  overrides: ReadonlyMap<string, PostgresType>,
): readonly MappedTable[] {
  const chosen = source.map((table, position) => ({
    ...table,
    columns: table.columns.map((column, index) => {
      const profile = profileAt(profiles, position, index)
      const override = overrides.get(columnPath(table.name, column.name))
      return { ...column, postgresType: override ?? chooseType(column, profile) }
    }),
  }))
  const tables = chosen.map((table, position) => ({
    ...table,
    columns: table.columns.map((column, index) => {
      const open = isOpen(column, profileAt(profiles, position, index))
      const settled = !open || overrides.has(columnPath(table.name, column.name))
      return settled ? column : { ...column, postgresType: parentType(column, table, chosen) }
    }),
  }))
  return tables.map((table) => decideGenerated(table))
}

/** Nothing but a guess stands behind the type: no data, and a declaration that says little. */
function isOpen({ affinity, declaredType }: SourceColumn, profile: ColumnProfile): boolean {
  if (!isEmpty(profile)) return false
  if (declaredType === '') return true
  return affinity === 'numeric' && !/BOOL/i.test(declaredType) && !isTextual(declaredType)
}

/** An open column that refers to another one takes its type, so that the foreign key can be made. */
function parentType(
  column: Column,
  { foreignKeys }: SourceTable,
  tables: readonly MappedTable[],
): PostgresType {
  for (const { columns, parent, parentColumns } of foreignKeys) {
    const position = columns.indexOf(column.name)
    if (position === -1) continue
    const target = tables.find((table) => table.name === parent)
    const found = target?.columns.find(({ name }) => name === parentColumns[position])
    if (found !== undefined) return found.postgresType
  }
  return column.postgresType
}

function profileAt(
  profiles: readonly TableProfile[],
  table: number,
  column: number,
): ColumnProfile {
  const profile = profiles[table]?.columns[column]
  if (profile === undefined) {
    throw new LockstepError('SCHEMA_DRIFT', 'the schema changed while its data was being profiled')
  }
  return profile
}

/** Row by row, so that each is told with its key. */
function refusedRows(db: SchemaReader, table: MappedTable, column: Column): Finding[] {
  return [...findMisfits(db, table, column)].map(([reason, sample]) =>
    misfitFinding(table, column, reason, sample),
  )
}

function columnFindings(
  db: SchemaReader,
  table: MappedTable,
  column: Column,
  profile: ColumnProfile,
): Finding[] {
  const type = column.postgresType
  if (isUpgraded(type)) return []
  // The counts know at once that there is nothing to look for, as for most columns.
  const refused = misfits(column, profile, type) > 0 ? refusedRows(db, table, column) : []
  const hasNullKeys = profile.nulls > 0 && table.key.columns.includes(column.name)
  const nullKeys = hasNullKeys
    ? [nullKeyFinding(table, column, findNullKeys(db, table, column))]
    : []
  return [...refused, ...nullKeys, ...choiceFindings(table, column, profile)]
}

/** What a choice means for values of today or later. */
export function choiceFindings(
  table: MappedTable,
  column: Column,
  profile: ColumnProfile,
): Finding[] {
  const place = { table: table.name, column: column.name }
  const { affinity, declaredType, postgresType: type } = column
  const findings: Finding[] = []
  if (affinity === 'numeric' && type === 'bigint' && !/BOOL/i.test(declaredType)) {
    const message = `${declaredType} holds only integers today; a later fraction would go to quarantine`
    findings.push(info('NUMERIC_AS_BIGINT', place, message))
  }
  const numbers = profile.integers + profile.reals
  if (type === 'text' && isNumericAffinity(affinity) && numbers > 0) {
    const message = `${counted(numbers, 'number is', 'numbers are')} text on PostgreSQL: ${numbers === 1 ? 'it compares and sorts' : 'they compare and sort'} as text there`
    findings.push(warning('NUMERIC_AS_TEXT', place, message))
  }
  const held = affinity === 'blob' && !/BLOB/i.test(declaredType) ? classes[type] : undefined
  if (held !== undefined) {
    const today = isEmpty(profile) ? `is empty and taken for ${held}` : `holds ${held} today`
    const message = `no type is declared and it ${today}: what is of another class later goes to quarantine, and is refused once PostgreSQL is the primary`
    findings.push(warning('UNDECLARED_TYPE', place, message))
  }
  return findings
}

/** SQLite keeps values of all classes in a column without a type, and each of PostgreSQL's types those of one. */
const classes: Partial<Record<PostgresType, string>> = {
  bigint: 'INTEGER',
  'double precision': 'REAL',
  numeric: 'INTEGER and REAL',
  text: 'TEXT',
  bytea: 'BLOB',
}
