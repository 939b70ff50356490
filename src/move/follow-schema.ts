import { messageOf } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { isTooLarge, stateOf } from '../postgres/errors.ts'
import * as postgres from '../postgres/schema-log.ts'
import { inTransaction } from '../postgres/transaction.ts'
import { installedTables } from '../sqlite/install.ts'
import {
  asSecondary,
  followSchema,
  runSchemaStatement,
  stepsAfter,
  stepVersion,
  writeStep,
} from '../sqlite/schema-change.ts'
import type { Table } from '../schema/model.ts'
import { analyze } from '../sql/statement.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

export interface FollowContext {
  readonly server: PostgresServer
  /** The log is read by its reader: a transaction on the writer's connection shows steps that may never be. */
  readonly file: Pick<SqliteFile, 'reader'>
  readonly writer: SqliteWriter
}

/** How often an index that waits is tried: it costs a scan of its table. */
const unfinishedMs = 1000

/**
 * Lets the secondary take the steps that the primary's log has and its own has not: whoever changed the
 * schema died between the two, or PostgreSQL was away. Any process may do it at any time, before it ships
 * rows: they would be of another schema.
 */
export class SchemaFollower {
  readonly #context: FollowContext
  #followed = -1
  /** When an index that waits for equal rows was last tried; infinite where none waits. */
  #triedAt = 0

  constructor(context: FollowContext) {
    this.#context = context
  }

  /**
   * @param version of SQLite's log
   * @returns whether the schema of the secondary has changed
   */
  async follow(facts: {
    primary: PlaceName
    completed: boolean
    version: number
  }): Promise<boolean> {
    const { primary, completed, version } = facts
    if (primary === 'sqlite' && version === this.#followed) return false
    const changed = await (primary === 'sqlite'
      ? followOnPostgres(this.#context, completed)
      : followOnSqlite(this.#context))
    this.#followed = version
    this.#triedAt = 0
    return changed
  }

  /** Tries now and then to make what had to wait for equal rows. */
  async finish(primary: PlaceName, tables: readonly Table[]): Promise<void> {
    if (primary !== 'sqlite' || performance.now() - this.#triedAt < unfinishedMs) return
    const waits = (await finishSchema(this.#context.server, tables)) !== null
    this.#triedAt = waits ? performance.now() : Number.POSITIVE_INFINITY
  }
}

async function followOnPostgres(
  { server, file: { reader } }: FollowContext,
  completed: boolean,
): Promise<boolean> {
  const theirs = await postgres.stepVersion(server.control)
  if (theirs >= stepVersion(reader).version) return false
  try {
    await inTransaction(server, async (client) => {
      const steps = stepsAfter(reader, await postgres.stepVersion(client))
      const { schema } = server
      for (const step of steps)
        await postgres.takeStep(client, step, { schema, primary: 'sqlite', completed, late: true })
    })
  } catch (error) {
    if (!postgres.isTaken(error)) throw error
  }
  return true
}

/**
 * Makes the unique indexes that PostgreSQL could not have while it was behind.
 * @returns why it still cannot, or null
 */
export async function finishSchema(
  server: PostgresServer,
  tables: readonly Table[],
): Promise<string | null> {
  if (!(await postgres.isUnfinished(server.control))) return null
  try {
    await inTransaction(server, (client) => postgres.finishIndexes(client, tables, server.schema))
    return null
  } catch (error) {
    if (stateOf(error) !== '23505' && !isTooLarge(error)) throw error
    return messageOf(error)
  }
}

async function followOnSqlite({ server, writer }: FollowContext): Promise<boolean> {
  const { db } = writer
  const theirs = await postgres.stepVersion(server.control)
  const ours = stepVersion(db).version
  if (ours >= theirs) return false
  const steps = await postgres.stepsAfter(server.control, ours)
  await writer.write(() =>
    asSecondary(db, () => {
      for (const step of steps) {
        if (step.version <= stepVersion(db).version) continue
        for (const sql of step.sqlite)
          runSchemaStatement(db, sql, installedTables(db), analyze(sql).tables)
        followSchema(db, step)
        writeStep(db, step)
      }
    }),
  )
  return true
}
