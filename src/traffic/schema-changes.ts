import type pg from 'pg'
import { changeSettings, readExtent, refusedByPostgres } from '../engine/change-settings.ts'
import type { Engine } from '../engine/engine.ts'
import { changeSqlite, type ChangeSettings } from '../move/schema-change.ts'
import { isUnreachable, stateOf } from '../postgres/errors.ts'
import { isTaken, stepVersion as postgresVersion, takeStep } from '../postgres/schema-log.ts'
import type { SchemaChanges, TransactionChanges } from '../route/schema-changes.ts'
import type { Statement } from '../sql/statement.ts'
import type { Connection } from '../sqlite/connection.ts'
import { sqliteError } from '../sqlite/errors.ts'
import { stepsAfter } from '../sqlite/schema-change.ts'
import { createToldFindings } from './told-findings.ts'
import { createPostgresChanges, type SourceFor } from './schema-changes-postgres.ts'

/** How often the other place is tried while others hold what the change needs. */
const maxTries = 5

/** @param sourceFor translates for a schema that one transaction has made */
export function createSchemaChanges(
  engine: Engine,
  sourceFor: SourceFor,
  refresh: () => void,
): SchemaChanges {
  return {
    onSqlite: (db) => createSqliteChanges(engine, db, refresh),
    onPostgres: (client) => createPostgresChanges(engine, client, sourceFor, refresh),
  }
}

/** SQLite is the primary: PostgreSQL is prepared before SQLite commits, and commits behind it. */
function createSqliteChanges(
  engine: Engine,
  db: Connection,
  refresh: () => void,
): TransactionChanges {
  const { reach } = engine.options.testing
  const told = createToldFindings(engine)
  let settings: ChangeSettings | undefined
  let prepared: pg.PoolClient | undefined

  async function run(statement: Statement): Promise<void> {
    if (!engine.installed) {
      db.exec(statement.sql)
      return
    }
    settings ??= await changeSettings(engine, db, await readExtent(engine))
    const current = settings
    try {
      // A savepoint of its own: a statement that fails leaves the triggers as they were.
      const changed = db.transaction(() => changeSqlite(db, statement, current))()
      if (changed !== null) told.note(changed.step.version, changed.findings)
    } catch (error) {
      throw sqliteError(error)
    }
  }

  async function prepare(): Promise<void> {
    if (settings === undefined) return
    const client = await engine.server.control.connect().catch(() => undefined)
    // While PostgreSQL is away the log says what it has to do, and the applier does it first.
    if (client === undefined) return
    try {
      await takeMissing(engine, client, db)
      prepared = client
      await reach('schema-change:prepared')
    } catch (error) {
      client.release(isUnreachable(error))
      prepared = undefined
      if (!isUnreachable(error)) throw refusedByPostgres(error)
    }
  }

  return {
    run,
    prepare,
    async committed() {
      if (settings === undefined) return
      await reach('schema-change:committed')
      const client = prepared
      prepared = undefined
      const committed = await client?.query('COMMIT').catch((error: unknown) => error)
      client?.release(committed instanceof Error)
      await reach('schema-change:followed')
      refresh()
      told.tell(db)
      engine.applier.wake()
    },
    async rolledBack() {
      const client = prepared
      prepared = undefined
      const undone = await client?.query('ROLLBACK').catch((error: unknown) => error)
      client?.release(undone instanceof Error)
    },
  }
}

/** Takes the steps that PostgreSQL does not have, in a transaction that stays open. */
async function takeMissing(engine: Engine, client: pg.PoolClient, db: Connection): Promise<void> {
  const { schema } = engine.server
  for (let tries = 1; ; tries++) {
    try {
      await client.query('BEGIN')
      const steps = stepsAfter(db, await postgresVersion(client))
      for (const step of steps)
        await takeStep(client, step, { schema, primary: 'sqlite', completed: false })
      return
    } catch (error) {
      await client.query('ROLLBACK')
      if (!isPassing(error) || tries === maxTries) throw error
    }
  }
}

/** Others hold what the change needs, or have taken a step that was missing. */
function isPassing(error: unknown): boolean {
  const state = stateOf(error)
  return state === '55P03' || state === '40P01' || isTaken(error)
}
