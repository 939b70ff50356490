import { isDeepStrictEqual } from 'node:util'
import { LockstepError } from '../core/errors.ts'
import type { DdlPlan, DdlStatement } from './ddl.ts'
import { fingerprint } from './fingerprint.ts'
import type { Column, Finding, Index, Table } from './model.ts'
import { createIndexes } from './postgres-indexes.ts'
import { indexName } from './postgres-names.ts'
import { createTriggers, dropTriggers } from './postgres-triggers.ts'
import { addPrimaryKey, columnDefinition, createTable } from './postgres-tables.ts'
import { quoteIdentifier as quote, quoteQualified } from './quote.ts'
import { postgresTriggerNames } from './trigger-names.ts'

/** How much of the schema PostgreSQL has by now: `bare` tables get their keys and indexes by the backfill. */
export type Extent = 'none' | 'bare' | 'whole'

/** The columns that were renamed on the way, by the table's number: old name to new name. */
export type ColumnRenames = ReadonlyMap<number, ReadonlyMap<string, string>>

export interface SchemaChange extends DdlPlan {
  /** The tables that are new or not as they were: capture follows them. */
  readonly changed: readonly Table[]
}

/**
 * What makes PostgreSQL's tables follow a change of SQLite's. Tables are known by their numbers, so that a
 * renamed table is told from one that went and one that came. Foreign keys are not part of it.
 * @throws LockstepError SQL_UNSUPPORTED for a change that ALTER TABLE cannot make
 */
export function planChange(
  before: readonly Table[],
  after: readonly Table[],
  options: { schema: string; extent: Extent; renames: ColumnRenames },
): SchemaChange {
  const { schema, extent, renames } = options
  const known = new Map(before.map((table) => [table.id, table]))
  const there = new Set(after.map(({ id }) => id))
  const statements: DdlStatement[] = []
  const findings: Finding[] = []
  const changed: Table[] = []
  const add = (plan: DdlPlan): void => {
    statements.push(...plan.statements)
    findings.push(...plan.findings)
  }
  for (const table of before.filter(({ id }) => !there.has(id)))
    statements.push(
      statement(table, table.name, `DROP TABLE ${quoteQualified(schema, table.name)}`),
    )
  for (const table of after) {
    const old = known.get(table.id)
    if (old !== undefined && isSame(old, table)) continue
    changed.push(table)
    if (old === undefined) {
      add(createTable(table, schema))
      if (extent !== 'whole') continue
      add(addPrimaryKey(table, schema))
      add(createIndexes(table, schema))
    } else add(alterTable(old, table, { schema, extent, renames: renames.get(table.id) }))
  }
  // Triggers come last, as they may speak of any table.
  if (extent === 'whole') {
    for (const table of after)
      add(changeTriggers(known.get(table.id), table, { before, after, schema }))
    add(refreshTriggers(before, after, schema))
  }
  return { statements: extent === 'none' ? [] : statements, findings, changed }
}

interface TriggerChange {
  readonly before: readonly Table[]
  readonly after: readonly Table[]
  readonly schema: string
}

/** What a trigger is called hangs on other tables too, by their foreign keys. */
function changeTriggers(
  previous: Table | undefined,
  table: Table,
  { before, after, schema }: TriggerChange,
): DdlPlan {
  const old =
    previous === undefined ? new Map<string, string>() : postgresTriggerNames(previous, before)
  const now = postgresTriggerNames(table, after)
  const had = new Map(previous?.triggers.map(({ name, sql }) => [name, sql]))
  const fresh = table.triggers.filter(
    ({ name, sql }) => had.get(name) !== sql || old.get(name) !== now.get(name),
  )
  const made = createTriggers(table, after, schema, fresh)
  // One that has another name there now, as the order has changed, is made anew; an operator's own stays.
  const isMade = new Set(made.statements.map(({ object }) => object))
  const gone = [...old].flatMap(([name, theirs]) => {
    const isRenamed = now.get(name) !== theirs && isMade.has(name)
    return isRenamed || !now.has(name) ? theirs : []
  })
  return {
    statements: [...dropTriggers(table, schema, gone), ...made.statements],
    findings: made.findings,
  }
}

/** What a trigger's function does hangs on those of other tables, and on foreign keys: it follows. */
function refreshTriggers(
  before: readonly Table[],
  after: readonly Table[],
  schema: string,
): DdlPlan {
  const known = new Map(before.map((table) => [table.id, table]))
  const plans = after.map((table) => {
    const previous = known.get(table.id)
    const had = new Map(previous?.triggers.map((trigger) => [trigger.name, trigger]))
    const kept = table.triggers.filter(({ name, sql }) => had.get(name)?.sql === sql)
    if (previous === undefined || kept.length === 0) return { statements: [], findings: [] }
    const old = functionsOf(createTriggers(previous, before, schema, kept))
    const now = functionsOf(createTriggers(table, after, schema, kept))
    const stale = kept.filter(({ name }) => old.get(name) !== now.get(name))
    return createTriggers(table, after, schema, stale)
  })
  return {
    // Its trigger stays, which may be an operator's own.
    statements: plans.flatMap(({ statements }) =>
      statements.filter(({ sql }) => sql.startsWith('CREATE OR REPLACE FUNCTION')),
    ),
    findings: plans.flatMap(({ findings }) => findings),
  }
}

/** Their texts by the triggers' own names. */
function functionsOf({ statements }: DdlPlan): Map<string, string> {
  const functions = statements.filter(({ sql }) => sql.startsWith('CREATE OR REPLACE FUNCTION'))
  return new Map(functions.map(({ object, sql }) => [object, sql]))
}

function isSame(before: Table, after: Table): boolean {
  return (
    fingerprint({ tables: [before] }) === fingerprint({ tables: [after] }) &&
    isDeepStrictEqual(before.triggers, after.triggers)
  )
}

interface Alteration {
  readonly schema: string
  readonly extent: Extent
  readonly renames: ReadonlyMap<string, string> | undefined
}

function alterTable(before: Table, after: Table, alteration: Alteration): DdlPlan {
  const { schema, extent } = alteration
  const statements: DdlStatement[] = []
  if (before.name !== after.name) {
    const sql = `ALTER TABLE ${quoteQualified(schema, before.name)} RENAME TO ${quote(after.name)}`
    statements.push(statement(after, after.name, sql))
  }
  if (extent === 'whole') statements.push(...dropIndexes(before, after, alteration))
  const columns = alterColumns(before, after, alteration)
  statements.push(...columns.statements)
  if (extent !== 'whole') return { statements, findings: columns.findings }
  const made = createIndexes({ ...after, indexes: newIndexes(before, after, alteration) }, schema)
  return {
    statements: [...statements, ...made.statements],
    findings: [...columns.findings, ...made.findings],
  }
}

function alterColumns(before: Table, after: Table, { schema, renames }: Alteration): DdlPlan {
  const target = `ALTER TABLE ${quoteQualified(schema, after.name)}`
  const statements: DdlStatement[] = []
  const findings: Finding[] = []
  const run = (column: string, sql: string): unknown =>
    statements.push(statement(after, column, `${target} ${sql}`))
  const now = new Map(after.columns.map((column) => [column.name, column]))
  const kept = new Set<string>()
  for (const old of before.columns) {
    const name = renames?.get(old.name) ?? old.name
    const column = now.get(name)
    if (column === undefined) run(old.name, `DROP COLUMN ${quote(old.name)}`)
    else {
      kept.add(name)
      if (name !== old.name) run(name, `RENAME COLUMN ${quote(old.name)} TO ${quote(name)}`)
      if (!isAlike(old, column)) throw unalterable(after, column)
      if (old.notNull !== column.notNull)
        run(name, `ALTER COLUMN ${quote(name)} ${column.notNull ? 'SET' : 'DROP'} NOT NULL`)
    }
  }
  for (const column of after.columns.filter(({ name }) => !kept.has(name)))
    run(column.name, `ADD COLUMN ${columnDefinition(after, column, findings)}`)
  const keys = before.key.columns.map((name) => renames?.get(name) ?? name)
  if (before.key.kind !== after.key.kind || !isDeepStrictEqual(keys, after.key.columns))
    throw unalterable(after, null)
  return { statements, findings }
}

/** SQLite changes neither of these in place, except by hand in its own schema table. */
function isAlike(before: Column, after: Column): boolean {
  return (
    before.postgresType === after.postgresType &&
    before.affinity === after.affinity &&
    before.defaultSql === after.defaultSql &&
    before.generated === after.generated &&
    before.computed === after.computed &&
    before.collation === after.collation
  )
}

function dropIndexes(before: Table, after: Table, alteration: Alteration): DdlStatement[] {
  const wanted = definitions(after.indexes, after)
  return before.indexes
    .filter(
      (index) => wanted.get(indexName(before, index)) !== definition(index, alteration.renames),
    )
    .map((index) => {
      const name = indexName(before, index)
      const sql = `DROP INDEX IF EXISTS ${quoteQualified(alteration.schema, name)}`
      return statement(after, index.name, sql)
    })
}

function newIndexes(before: Table, after: Table, { renames }: Alteration): Index[] {
  const had = new Map(
    before.indexes.map((index) => [indexName(before, index), definition(index, renames)]),
  )
  return after.indexes.filter((index) => had.get(indexName(after, index)) !== definition(index))
}

function definitions(indexes: readonly Index[], table: Table): Map<string, string> {
  return new Map(indexes.map((index) => [indexName(table, index), definition(index)]))
}

/** PostgreSQL renames a column in its indexes by itself. */
function definition(index: Index, renames?: ReadonlyMap<string, string>): string {
  const { unique, parts, where } = index
  return JSON.stringify([
    unique,
    where,
    parts.map(({ column, expression, descending, collation }) => [
      column === null ? null : (renames?.get(column) ?? column),
      expression,
      descending,
      collation,
    ]),
  ])
}

function unalterable({ name }: Table, column: Column | null): LockstepError {
  const what = column === null ? 'primary key' : `column "${column.name}"`
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `The ${what} of table "${name}" was changed in place, which PostgreSQL's table cannot follow. ` +
      'Make a new table, copy the rows, drop the old one and rename the new one',
    { details: { table: name, column: column?.name ?? null } },
  )
}

function statement(table: Table, object: string, sql: string): DdlStatement {
  return { sql, table: table.name, object, mayFail: false }
}
