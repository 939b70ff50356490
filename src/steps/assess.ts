import type pg from 'pg'
import type { AssessOptions, AssessReport } from '../api.ts'
import { assessData, type AssessedData } from './assess-data.ts'
import { assessReadiness } from './assess-readiness.ts'
import { assessOverrides } from '../assess/assess-overrides.ts'
import { assessSql, type AssessSqlOptions } from '../assess/assess-sql.ts'
import { readStatements } from '../assess/read-statements.ts'
import { messageOf } from '../core/errors.ts'
import { asFailure } from '../engine/failure.ts'
import { checkStep } from '../options/misuse.ts'
import { resolveOptions, type LockstepOptions, type ResolvedOptions } from '../options/options.ts'
import { readOverrides } from '../options/override-options.ts'
import { openPostgres, setSearchPath, type PostgresServer } from '../postgres/connection.ts'
import { presentTables } from '../postgres/install.ts'
import { createTrialSchema } from '../move/trial-schema.ts'
import { createPlans } from '../route/plans.ts'
import { decision, warning } from '../schema/findings.ts'
import type { Finding } from '../schema/model.ts'
import { foldName } from '../schema/quote.ts'
import { createOverrides, type Overrides } from '../sql/overrides/overrides.ts'
import { statementSourceOf } from '../traffic/sources.ts'
import { columnNames } from '../sqlite/column-names.ts'
import { openReadOnly, type Connection } from '../sqlite/connection.ts'
import { controlReader, isInstalled } from '../sqlite/control.ts'
import { copySchema } from '../sqlite/schema-copy.ts'
import { sqliteFacts } from '../sqlite/facts.ts'

/**
 * The report of `lockstep assess`, which changes nothing: it reads the file, and asks PostgreSQL only where it answers.
 * @throws LockstepError CONFIG_INVALID, OVERRIDE_INVALID, SQLITE_CANTOPEN, SQLITE_NOTADB
 * @throws TypeError for options that are misspelled, or not what they must be
 */
export async function assess(
  raw: LockstepOptions,
  settings: AssessOptions = {},
): Promise<AssessReport> {
  checkStep('assess', [settings])
  const options = resolveOptions(raw)
  const server = openPostgres(options.postgres)
  let db: Connection | undefined
  try {
    db = openReadOnly(options.sqlite, options.sqlite.busyTimeoutMs)
    return await assessPlaces({ db, server, options }, settings)
  } catch (error) {
    throw asFailure(error)
  } finally {
    db?.close()
    await server.close()
  }
}

export interface AssessContext {
  /** Only reads; nobody else uses it meanwhile. */
  readonly db: Connection
  readonly server: PostgresServer
  readonly options: ResolvedOptions
}

/** The same over connections that are open. */
export async function assessPlaces(
  context: AssessContext,
  settings: AssessOptions = {},
): Promise<AssessReport> {
  const { db, server, options } = context
  const { columns, postgres } = options
  // What is wrong with them is said before the rows are read.
  const overrides = createOverrides(readOverrides(options.overrides))
  const { mapped, ...data } = await assessData(
    { db, columns, postgresSchema: postgres.schema },
    settings,
  )
  const readiness = await assessReadiness(data.file, server, mapped)
  const { sql, findings } = await assessStatements(context, mapped, overrides, settings)
  const all = [...data.findings, ...readiness.flatMap(readinessFinding), ...findings]
  const isDecided = all.every(({ level }) => level !== 'decision')
  const isCarried = sql === null || sql.decision + sql.refused === 0
  return { ...data, ok: isDecided && isCarried, findings: all, readiness, sql }
}

/** A journal mode is changed in a moment and needs no thought; a server that cannot hold the copy does. */
function readinessFinding({ name, ok, detail }: AssessReport['readiness'][number]): Finding[] {
  if (ok !== false) return []
  if (name === 'journal_mode') return [warning('NOT_WAL', {}, `journal_mode is ${detail}`)]
  return [decision('NOT_READY', {}, `${name}: ${detail}`)]
}

/** What becomes of the application's statements, where they were given, and of overrides. */
async function assessStatements(
  context: AssessContext,
  tables: AssessedData['mapped'],
  overrides: Overrides,
  { sql, signal, onProgress = () => undefined }: AssessOptions,
): Promise<Pick<AssessReport, 'sql' | 'findings'>> {
  const {
    db,
    options,
    server: { schema },
  } = context
  if (sql === undefined && overrides.list.length === 0) return { sql: null, findings: [] }
  const copy = copySchema(db, options.sqlite)
  const foreignKeys = areForeignKeysEnforced(db)
  const source = sourceOf(context, tables, foreignKeys)
  const pause = async (): Promise<void> => {
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  }
  const at = { table: null, rows: 0 }
  const work = withServer(context, tables, async (server) => {
    const { known, views } = namesIn(db)
    const judging: AssessSqlOptions = {
      plans: createPlans(() => source, overrides),
      overrides,
      sqliteVersion: sqliteFacts(db).sqliteVersion,
      readBySqlite: (text) => columnNames(db, text),
      trial: createTrialSchema(copy, { tables, schema, foreignKeys }),
      known,
      views,
      server,
      pause,
      onStatement: (done, all) => onProgress({ phase: 'statements', done, all, file: null, ...at }),
    }
    const read =
      sql === undefined
        ? null
        : await readStatements(sql, {
            pause,
            onFile: (file, done, all) => onProgress({ phase: 'files', done, all, file, ...at }),
          })
    const report = read === null ? null : await assessSql(read, judging)
    return { sql: report, findings: await assessOverrides(judging, report) }
  })
  return work.finally(() => copy.close())
}

function sourceOf(
  { db, options }: AssessContext,
  tables: AssessedData['mapped'],
  foreignKeys: boolean,
): ReturnType<typeof statementSourceOf> {
  let made = 0
  return statementSourceOf(db, {
    version: 0,
    tables,
    foreignKeys,
    safeIntegers: options.sqlite.safeIntegers,
    nextName: () => `lockstep_assess_${made++}`,
  })
}

function areForeignKeysEnforced(db: Connection): boolean {
  if (isInstalled(db)) return controlReader(db)().foreignKeys
  return db.pragma('foreign_keys', { simple: true }) === 1
}

function namesIn(db: Connection): Pick<AssessSqlOptions, 'known' | 'views'> {
  const rows = db
    .prepare(`SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')`)
    .all() as { name: string; type: string }[]
  const views = rows.filter(({ type }) => type === 'view')
  return {
    known: new Set(rows.map(({ name }) => foldName(name))),
    views: new Set(views.map(({ name }) => foldName(name))),
  }
}

/** With a connection to PostgreSQL where it has the tables, else with the reason why there is none. */
async function withServer<T>(
  { server, options }: AssessContext,
  tables: AssessedData['mapped'],
  work: (server: pg.Client | string) => Promise<T>,
): Promise<T> {
  let client: pg.Client
  try {
    client = await server.connect()
  } catch (error) {
    return work(`it does not answer: ${messageOf(error)}`)
  }
  try {
    const present = await presentTables(client, server.schema)
    const { rows } = await client.query(`SELECT to_regnamespace('sqlite') AS functions`)
    const isThere = rows[0]?.functions !== null && tables.every(({ name }) => present.has(name))
    if (!isThere) return await work('it does not have the tables yet')
    await client.query(
      `${setSearchPath(server.schema)}; SET lock_timeout = ${options.postgres.statementTimeoutMs}`,
    )
    return await work(client)
  } finally {
    await client.end()
  }
}
