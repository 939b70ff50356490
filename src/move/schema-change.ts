import { LockstepError } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import {
  journalAll,
  followSchema,
  runSchemaStatement,
  stepVersion,
  writeStep,
} from '../sqlite/schema-change.ts'
import { defaultExpression } from '../schema/postgres-default.ts'
import { planChange, type ColumnRenames, type Extent } from '../schema/change.ts'
import { deleteBeforeDrop, planForeignKeys } from '../schema/change-foreign-keys.ts'
import type { DdlStatement } from '../schema/ddl.ts'
import type { Finding, Table } from '../schema/model.ts'
import type { TypeOverrides } from '../schema/overrides.ts'
import { carryViews, changeViews, type ViewPlan } from '../schema/postgres-views.ts'
import { foldName } from '../schema/quote.ts'
import type { SchemaStep } from '../schema/step.ts'
import { refuseUncarried } from '../sql/ddl/allowed.ts'
import { renameOf } from '../sql/ddl/renames.ts'
import type { Statement } from '../sql/statement.ts'
import type { Connection } from '../sqlite/connection.ts'
import { installedTables } from '../sqlite/install.ts'
import { applicationViews } from '../sqlite/views.ts'
import { tableOfQuery } from './as-select.ts'
import { nextTables } from './next-tables.ts'

export interface ChangeSettings {
  /** PostgreSQL's schema. */
  readonly schema: string
  readonly primary: PlaceName
  readonly extent: Extent
  /** PostgreSQL has foreign keys now. */
  readonly foreignKeys: boolean
  /** The application has them enforced at this moment: DROP TABLE deletes rows first. */
  readonly enforced: boolean
  readonly overrides: TypeOverrides
}

/**
 * Runs one statement that changes the schema on SQLite, in the caller's transaction there, and says what
 * PostgreSQL has to do for it. Capture, model and log follow at once, so that the next statement of the
 * transaction is captured already. SQLite is the judge of the statement, on whichever place it counts.
 * @returns null where it changed nothing (`IF NOT EXISTS`); `fill` brings the rows of a table that is made of a query, where
 * PostgreSQL is the primary
 * @throws LockstepError SQLITE_ERROR in SQLite's words; SQL_UNSUPPORTED, SCHEMA_UNSUPPORTED
 */
export function changeSqlite(
  db: Connection,
  statement: Statement,
  settings: ChangeSettings,
): { step: SchemaStep; findings: readonly Finding[]; fill: string | null } | null {
  const { kind } = statement
  if (kind === 'ddl') refuseUncarried(statement.sql)
  const made = kind === 'ddl' ? tableOfQuery(db, statement.sql) : null
  const sql = made?.create ?? statement.sql
  const before = installedTables(db)
  const { version, highest: known } = stepVersion(db)
  const highest = Math.max(known, ...before.map(({ id }) => id))
  const viewsBefore = applicationViews(db)
  const schemaBefore = db.pragma('schema_version', { simple: true })
  runSchemaStatement(db, sql, before, statement.tables)
  const isHeader = kind === 'pragma'
  if (!isHeader && db.pragma('schema_version', { simple: true }) === schemaBefore) return null
  const rename = renameOf(sql)
  const next = nextTables(db, before, {
    rename,
    overrides: settings.overrides,
    highest,
    profile: made?.profile ?? null,
  })
  const change = planChange(before, next.tables, { ...settings, renames: next.renames })
  const there = new Set(next.tables.map(({ id }) => id))
  const ofTables = withForeignKeys(before, next.tables, change.statements, settings)
  const { schema } = settings
  const views = {
    before: carryViews(viewsBefore, before, schema),
    after: carryViews(applicationViews(db), next.tables, schema),
  }
  const step: SchemaStep = {
    version: version + 1,
    sqlite: [sql],
    postgres: withViews(
      views,
      ofTables,
      tablesThatLose(before, next.tables, next.renames),
      settings,
    ),
    tables: next.tables,
    changed: change.changed.map(({ id }) => id),
    dropped: before.filter(({ id }) => !there.has(id)).map(({ id, name }) => ({ id, name })),
    highest: next.highest,
  }
  followSchema(db, step)
  if (settings.primary === 'sqlite' && settings.extent === 'whole')
    for (const table of change.changed) if (mustTravel(before, table)) journalAll(db, table)
  writeStep(db, step)
  const fill = made?.fill ?? null
  const findings = [...change.findings, ...viewFindings(views)]
  if (fill === null || settings.primary === 'postgres') return { step, findings, fill }
  // Captured already, so that the rows travel as any others do.
  db.exec(fill)
  return { step, findings, fill: null }
}

interface Views {
  readonly before: ViewPlan
  readonly after: ViewPlan
}

/** PostgreSQL refuses to change what a view reads, which SQLite does and rewrites the view. */
function withViews(
  { before, after }: Views,
  statements: readonly DdlStatement[],
  going: ReadonlySet<string>,
  { schema, extent }: ChangeSettings,
): DdlStatement[] {
  if (extent === 'none') return [...statements]
  const { first, last } = changeViews(before.carried, after.carried, { schema, going })
  return [...first, ...statements, ...last]
}

/** What is new to say of the views. */
function viewFindings({ before, after }: Views): Finding[] {
  const known = new Set(before.findings.map(({ table, message }) => `${table} ${message}`))
  return after.findings.filter(({ table, message }) => !known.has(`${table} ${message}`))
}

/** The folded names of the tables that go, or lose a column. */
function tablesThatLose(
  before: readonly Table[],
  after: readonly Table[],
  renames: ColumnRenames,
): Set<string> {
  const now = new Map(after.map(({ id, columns }) => [id, columns.map(({ name }) => name)]))
  const loses = ({ id, columns }: Table): boolean =>
    columns.some(({ name }) => now.get(id)?.includes(renames.get(id)?.get(name) ?? name) !== true)
  return new Set(before.filter(loses).map(({ name }) => foldName(name)))
}

function withForeignKeys(
  before: readonly Table[],
  after: readonly Table[],
  statements: readonly DdlStatement[],
  { schema, primary, foreignKeys, enforced }: ChangeSettings,
): DdlStatement[] {
  if (primary === 'sqlite' || !foreignKeys) return [...statements]
  const { first, last } = planForeignKeys(before, after, schema)
  const deletes = enforced ? deleteBeforeDrop(before, after, schema) : []
  return [...deletes, ...first, ...statements, ...last]
}

/** Every row has a value in a new column that PostgreSQL does not compute by itself. */
function mustTravel(before: readonly Table[], table: Table): boolean {
  const old = before.find(({ id }) => id === table.id)
  if (old === undefined) return false
  const had = new Set(old.columns.map(({ name }) => name))
  return table.columns.some(
    (column) =>
      !had.has(column.name) &&
      ((column.generated && column.computed !== true) ||
        (column.defaultSql !== null && defaultExpression(column) === null)),
  )
}

/** @throws LockstepError BACKFILL_IN_PROGRESS, BACKFILL_INCOMPLETE */
export function extentOf(backfilled: boolean, phase: string, isAnyPresent: boolean): Extent {
  if (backfilled) return 'whole'
  if (phase === 'none') return isAnyPresent ? 'bare' : 'none'
  const code = phase === 'done' ? 'BACKFILL_INCOMPLETE' : 'BACKFILL_IN_PROGRESS'
  throw new LockstepError(
    code,
    'The schema cannot change while tables are being copied: let `lockstep backfill` (db.backfill()) come to its end first',
    { details: { phase } },
  )
}
