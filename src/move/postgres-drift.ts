import { isDeepStrictEqual } from 'node:util'
import { LockstepError } from '../core/errors.ts'
import type { Queryer } from '../postgres/control.ts'
import { readKeys } from '../postgres/read-tables.ts'
import { shippedColumns, type Table } from '../schema/model.ts'
import { serverType } from '../values/postgres-type.ts'

/** The catalog keeps the digits of a type, and the order of texts, apart from its name. SQLite compares texts by their bytes. */
const typeWithFigures = /* sql */ `CASE
  WHEN data_type = 'text' AND coalesce(collation_name, 'default') NOT IN ('C', 'POSIX')
    THEN 'text COLLATE "' || coalesce(collation_name, 'default') || '" instead of "C"'
  WHEN data_type = 'timestamp with time zone' THEN 'timestamptz(' || datetime_precision || ')'
  WHEN data_type = 'numeric' AND numeric_precision IS NOT NULL THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
  ELSE data_type END`

export interface DriftSettings {
  /** A column that may be NULL on PostgreSQL alone counts as well: no row differs yet, and one may where PostgreSQL is the primary. */
  readonly notNull?: boolean
}

/** @throws LockstepError SCHEMA_DRIFT, POSTGRES_DENIED */
export async function checkPostgresDrift(
  db: Queryer,
  schema: string,
  tables: readonly Table[],
  settings: DriftSettings = {},
): Promise<void> {
  const problems = await postgresDrift(db, schema, tables, settings)
  if (problems.length === 0) return
  throw new LockstepError(
    'SCHEMA_DRIFT',
    `The tables on PostgreSQL (schema ${schema}) have other columns or keys than SQLite: ${problems.join(', ')}. ` +
      '`lockstep schema sync` (db.syncSchema()) shows what brings them to match, and does it with --apply; or make the same change ' +
      'on SQLite and run `lockstep install` (db.install())',
    { details: { problems } },
  )
}

/**
 * Compares the columns and primary keys that the tables have on PostgreSQL with those that they need. A column that is
 * not in SQLite counts as well: what is written there does not travel. Columns that PostgreSQL computes hold
 * nothing that could be lost, and may stand beside them. A key that is missing comes with the backfill.
 * @returns what is wrong: `items.v (wants text, is missing)`
 * @throws LockstepError POSTGRES_DENIED where a table is there and its columns are not shown to this user
 */
export async function postgresDrift(
  db: Queryer,
  schema: string,
  tables: readonly Table[],
  { notNull = false }: DriftSettings = {},
): Promise<string[]> {
  const { rows } = await db.query<Form & { tbl: string; name: string }>(
    `SELECT table_name AS tbl, column_name AS name, ${typeWithFigures} AS type, is_generated <> 'NEVER' AS computed,
            coalesce(identity_generation, '') = 'ALWAYS' AS refuses, is_nullable = 'NO' AS "notNull"
       FROM information_schema.columns WHERE table_schema = $1 AND table_name = ANY ($2)
      ORDER BY ordinal_position`,
    [schema, tables.map(({ name }) => name)],
  )
  const shown = new Set(rows.map(({ tbl }) => tbl))
  await checkShown(
    db,
    schema,
    tables.map(({ name }) => name).filter((name) => !shown.has(name)),
  )
  const names = tables.map(({ name }) => name)
  const keys = new Map((await readKeys(db, schema, names)).map(({ name, key }) => [name, key]))
  return tables.flatMap((table) => {
    const there = new Map(
      rows.filter(({ tbl }) => tbl === table.name).map((row) => [row.name, row]),
    )
    const problems = columnProblems(table, there, notNull).map((one) => `${table.name}.${one}`)
    return [...problems, ...keyProblems(table, keys.get(table.name)?.columns)]
  })
}

/** Rows find their fellows by the key: another one takes two rows for the same, or one for two. */
function keyProblems({ name, key }: Table, found: readonly string[] = key.columns): string[] {
  return isDeepStrictEqual(found, key.columns)
    ? []
    : [`${name} (wants the primary key (${key.columns.join(', ')}), has (${found.join(', ')}))`]
}

/** The information schema leaves out what a user has no right on. */
async function checkShown(db: Queryer, schema: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const { rows } = await db.query<{ name: string; user: string }>(
    `SELECT c.relname AS name, current_user AS user FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r' AND c.relnatts > 0
        AND NOT has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') ORDER BY c.relname`,
    [schema, names],
  )
  const [first] = rows
  if (first === undefined) return
  const hidden = rows.map(({ name }) => name)
  throw new LockstepError(
    'POSTGRES_DENIED',
    `The user ${first.user} of PostgreSQL has no right on the tables ${hidden.join(', ')} (schema ${schema}), which are there: ` +
      'make it their owner again (ALTER TABLE ... OWNER TO ...), or connect as another',
    { details: { tables: hidden } },
  )
}

interface Form {
  readonly type: string
  readonly computed: boolean
  /** It takes no value but those that PostgreSQL itself counts. */
  readonly refuses: boolean
  readonly notNull: boolean
}

function columnProblems(
  table: Table,
  there: ReadonlyMap<string, Form>,
  withNotNull: boolean,
): string[] {
  const columns = shippedColumns(table)
  const known = new Set(columns.map(({ name }) => name))
  const strict = new Set(table.columns.filter(({ notNull }) => notNull).map(({ name }) => name))
  const wrong = columns.flatMap(({ name, postgresType, computed }) => {
    const found = there.get(name)
    const lacksNotNull = withNotNull && found?.notNull === false && strict.has(name)
    const type = serverType(postgresType)
    const wanted = formOf({ type, computed, refuses: false, notNull: lacksNotNull })
    const is = found === undefined ? 'missing' : formOf({ ...found, notNull: false })
    if (is === wanted) return []
    // Of a column that is to be no text the collation says nothing.
    const shown = wanted.startsWith('text') ? is : is.replace(/ COLLATE .*/, '')
    return [`${name} (wants ${wanted}, is ${shown})`]
  })
  const astray = [...there]
    .filter(([name, { computed }]) => !known.has(name) && !computed)
    .map(([name]) => name)
  return [...wrong, ...astray.map((name) => `${name} (is not in SQLite)`)]
}

function formOf({ type, computed, refuses, notNull }: Form): string {
  const parts = [type, ...(refuses ? ['GENERATED ALWAYS AS IDENTITY'] : [])]
  return `${parts.join(' ')}${notNull ? ' NOT NULL' : ''}${computed ? ', generated' : ''}`
}
