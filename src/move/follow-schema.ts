import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
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
import { analyze } from '../sql/statement.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

export interface FollowContext {
  readonly server: PostgresServer
  readonly writer: SqliteWriter
  readonly primary: PlaceName
  readonly completed: boolean
}

/**
 * Lets the secondary take the steps that the primary's log has and its own has not: whoever changed the
 * schema died between the two, or PostgreSQL was away. Any process may do it at any time, before it ships
 * rows: they would be of another schema.
 * @returns whether there was anything to do
 */
export async function followSchemaLog(context: FollowContext): Promise<boolean> {
  return context.primary === 'sqlite' ? followOnPostgres(context) : followOnSqlite(context)
}

async function followOnPostgres({ server, writer, completed }: FollowContext): Promise<boolean> {
  const { db } = writer
  const theirs = await postgres.stepVersion(server.control)
  if (theirs >= stepVersion(db).version) return false
  try {
    await inTransaction(server, async (client) => {
      const steps = stepsAfter(db, await postgres.stepVersion(client))
      const { schema } = server
      for (const step of steps)
        await postgres.takeStep(client, step, { schema, primary: 'sqlite', completed })
    })
  } catch (error) {
    if (!postgres.isTaken(error)) throw error
  }
  return true
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
