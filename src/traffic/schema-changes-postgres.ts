import type pg from 'pg'
import { changeSettings, readExtent, refusedByPostgres } from '../engine/change-settings.ts'
import { LockstepError } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import { carriedWhole } from '../move/carried-whole.ts'
import { changeSqlite, type ChangeSettings } from '../move/schema-change.ts'
import { checkedFirst } from '../postgres/checked-first.ts'
import { stateOf } from '../postgres/errors.ts'
import { takeStep } from '../postgres/schema-log.ts'
import type { AskSqlite } from '../route/driver-answers.ts'
import type { PostgresChanges } from '../route/schema-changes.ts'
import type { StatementSource } from '../route/statement-source.ts'
import type { Table } from '../schema/model.ts'
import type { SchemaStep } from '../schema/step.ts'
import type { Statement } from '../sql/statement.ts'
import type { Connection } from '../sqlite/connection.ts'
import { gate } from '../sqlite/control.ts'
import { sqliteError } from '../sqlite/errors.ts'
import { installedTables } from '../sqlite/install.ts'
import { setGate } from '../sqlite/schema-change.ts'
import { SqliteStatements } from '../sqlite/statements.ts'

import { createToldFindings } from './told-findings.ts'

/** Translates for tables that only one transaction knows. */
export type SourceFor = (tables: readonly Table[], db: Connection) => StatementSource

/** A transaction on the file that stays open for as long as PostgreSQL's does. */
interface OpenFile {
  readonly db: Connection
  readonly settings: ChangeSettings
  readonly held: number
  readonly close: () => Promise<void>
}

/**
 * PostgreSQL is the primary: the file is changed beside it, in a transaction that commits behind
 * PostgreSQL's. No batch is applied meanwhile, as it would wait for the file, and PostgreSQL for it.
 */
export function createPostgresChanges(
  engine: Engine,
  client: pg.ClientBase,
  sourceFor: SourceFor,
  refresh: () => void,
): PostgresChanges {
  const { reach } = engine.options.testing
  const told = createToldFindings(engine)
  let file: OpenFile | undefined
  let source: StatementSource | undefined
  let ask: AskSqlite | undefined

  async function run(
    statement: Statement,
    savepoints: readonly string[] = [],
  ): Promise<string | null> {
    file ??= await openFile(engine, savepoints)
    const { db, settings } = file
    const change = async (): Promise<string | null> => {
      const changed = changeSqlite(db, statement, settings)
      if (changed === null) return null
      await takeChecked(engine, client, changed.step)
      told.note(changed.step.version, changed.findings)
      source = sourceFor(changed.step.tables, db)
      return changed.fill
    }
    return inSavepoints(client, db, () => carriedWhole({ client, db, settings }, statement, change))
  }

  return {
    run,
    savepoint(sql) {
      if (file === undefined) return
      file.db.exec(sql)
      if (source !== undefined) source = sourceFor(installedTables(file.db), file.db)
    },
    source: () => source,
    ask() {
      if (file === undefined) return undefined
      const statements = new SqliteStatements(file.db, engine.options.sqlite.safeIntegers)
      ask ??= async (method, sql, args) => statements.execute(method, sql, args)
      return ask
    },
    async prepare() {
      if (file === undefined) return
      setGate(file.db, file.held)
      await reach('schema-change:prepared')
    },
    async committed() {
      if (file === undefined) return
      const { db, close } = file
      file = undefined
      try {
        await reach('schema-change:committed')
        // Where this fails the log on PostgreSQL says what the file has to do, and the applier does it.
        db.exec('COMMIT')
        told.tell(db)
      } catch (error) {
        engine.events.emit('error', { error: error as Error })
      } finally {
        await close()
      }
      refresh()
      await reach('schema-change:followed')
    },
    async rolledBack() {
      const open = file
      file = undefined
      source = undefined
      await open?.close()
    },
  }
}

async function takeChecked(engine: Engine, client: pg.ClientBase, step: SchemaStep): Promise<void> {
  const { schema } = engine.server
  const context = { schema, primary: 'postgres', completed: engine.control().completed } as const
  await checkedFirst(client, () => takeStep(client, step, context))
}

/** One statement on both places: what fails on either has happened on neither. */
async function inSavepoints<T>(
  client: pg.ClientBase,
  db: Connection,
  work: () => Promise<T>,
): Promise<T> {
  await client.query('SAVEPOINT lockstep_statement')
  db.exec('SAVEPOINT lockstep_statement')
  try {
    const result = await work()
    db.exec('RELEASE lockstep_statement')
    await client.query('RELEASE SAVEPOINT lockstep_statement')
    return result
  } catch (error) {
    db.exec('ROLLBACK TO lockstep_statement; RELEASE lockstep_statement')
    await client
      .query('ROLLBACK TO SAVEPOINT lockstep_statement; RELEASE SAVEPOINT lockstep_statement')
      .catch(() => undefined)
    throw explain(error)
  }
}

async function openFile(engine: Engine, savepoints: readonly string[]): Promise<OpenFile> {
  const extent = await readExtent(engine)
  await engine.followSchema()
  const resume = await engine.shipper.pause()
  let close = async (): Promise<void> => resume()
  try {
    const { db, release } = await engine.writer.keep()
    const settings = await changeSettings(engine, db, extent)
    const held = (db.prepare('SELECT gate FROM _lockstep_control').pluck().get() ?? 0) as number
    close = async () => {
      if (db.inTransaction) db.exec('ROLLBACK')
      db.pragma(`foreign_keys = ${settings.enforced ? 'ON' : 'OFF'}`)
      release()
      resume()
    }
    // What the rows mean to each other PostgreSQL has decided; and it holds only outside of a transaction.
    db.pragma('foreign_keys = OFF')
    await engine.writer.retryBusy(() => db.exec('BEGIN IMMEDIATE'))
    setGate(db, gate.applying)
    for (const sql of savepoints) db.exec(sql)
    return { db, settings, held, close }
  } catch (error) {
    await close()
    throw sqliteError(error)
  }
}

/** Others hold what the change needs: the whole transaction runs again, as after any conflict. */
function explain(error: unknown): Error {
  const state = stateOf(error)
  if (state !== '55P03' && state !== '40P01') return refusedByPostgres(sqliteError(error))
  return new LockstepError('SERIALIZATION_FAILED', 'The tables are in use by others', {
    cause: error,
  })
}
