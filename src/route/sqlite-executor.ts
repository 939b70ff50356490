import type { Connection } from '../sqlite/connection.ts'
import { isConstraint, sqliteError } from '../sqlite/errors.ts'
import { SqliteStatements, type Method } from '../sqlite/statements.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import type { Statement } from '../sql/statement.ts'
import type { AskSqlite } from './driver-answers.ts'
import type { Plan } from './plans.ts'
import type { TransactionChanges } from './schema-changes.ts'
import {
  noRecorder,
  recordWrite,
  type OpenWrites,
  type Write,
  type WriteRecorder,
} from './write-recorder.ts'

/** Runs the application's statements on SQLite. */
export interface SqliteExecutor {
  readonly read: AskSqlite
  /** The same at once: what most reads are, and a promise costs as much as a read by key. */
  readNow(method: Method, sql: string, args: readonly unknown[]): unknown
  write(method: Method, plan: WritePlan, args: readonly unknown[]): Promise<unknown>
  /** On the connection that writes, for what asks or sets something of the connection itself; no fence. */
  readonly onWriter: AskSqlite
  /** One after the other, without parameters; takes those that have run off the list, whatever happens. */
  exec(statements: WritePlan[]): Promise<void>
  transaction<T>(mode: string, work: (execute: Execute) => Promise<T>): Promise<T>
}

export type WritePlan = Pick<Plan, 'sql' | 'isDdl' | 'changesRows'>

export interface Execute {
  call(method: Method, sql: string, args: readonly unknown[]): unknown
  changeSchema(statement: Statement): Promise<void>
}

export interface SqliteExecutorOptions {
  readonly reader: Connection
  readonly writer: SqliteWriter
  readonly safeIntegers: boolean
  /** Throws the fence's refusal where SQLite is not the open primary. */
  readonly checkOpen: () => void
  /** Changes of the schema in one transaction on the connection. */
  readonly schemaChanges: (db: Connection) => TransactionChanges
  /** Keeps what is written for a rehearsal. */
  readonly recorder?: WriteRecorder
}

export function createSqliteExecutor({
  reader,
  writer,
  safeIntegers,
  checkOpen,
  schemaChanges,
  recorder = noRecorder,
}: SqliteExecutorOptions): SqliteExecutor {
  const reads = new SqliteStatements(reader, safeIntegers)
  const writes = new SqliteStatements(writer.db, safeIntegers)
  // No trigger sees DDL, so the fence is asked under the write lock, which a flip needs too.
  const fenced = <T>(isDdl: boolean, work: () => T): T =>
    isDdl ? writer.db.transaction(() => (checkOpen(), work())).immediate() : work()
  return {
    read: async (method, sql, args) => reads.execute(method, sql, args),
    readNow: (method, sql, args) => reads.execute(method, sql, args),
    write: (method, { sql, isDdl, changesRows }, args) => {
      const work = (): unknown => {
        const result = fenced(isDdl, () => writes.execute(method, sql, args))
        // The triggers refuse a change of a row; a statement that found no row to change must be refused too.
        if (foundNothing(result)) checkOpen()
        return result
      }
      if (!changesRows) return writer.write(work).catch(rethrow)
      const open = recorder.open()
      const recorded = (): unknown => alone(open, { method, sql, args }, work)
      return writer.writeTogether(recorded).catch((error: unknown) => {
        // One that failed of a constraint has told so itself, and stays; of others nothing is known.
        if (!isConstraint(error)) open?.undone()
        return rethrow(error)
      })
    },
    onWriter: (method, sql, args) =>
      writer.write(() => writes.execute(method, sql, args)).catch(rethrow),
    exec: (statements) =>
      writer
        .hold(async (db) => {
          for (let next = statements[0]; next !== undefined; next = statements[0]) {
            const { sql, isDdl, changesRows } = next
            const open = changesRows ? recorder.open() : undefined
            const run = (): unknown => fenced(isDdl, () => (checkOpen(), db.exec(sql)))
            const write: Write = { method: 'run', sql, args: [] }
            await writer.retryBusy(() => alone(open, write, run))
            statements.shift()
          }
        })
        .catch(rethrow),
    transaction: (mode, work) =>
      writer
        .hold((db) =>
          inTransaction({ writer, db, mode, checkOpen }, schemaChanges(db), recorder.open(), {
            work,
            call: (method, sql, args) => writes.execute(method, sql, args),
          }),
        )
        .catch(rethrow),
  }
}

interface Holding {
  readonly writer: SqliteWriter
  readonly db: Connection
  readonly mode: string
  readonly checkOpen: () => void
}

async function inTransaction<T>(
  { writer, db, mode, checkOpen }: Holding,
  changes: TransactionChanges,
  open: OpenWrites | undefined,
  { work, call }: { work: (execute: Execute) => Promise<T>; call: Execute['call'] },
): Promise<T> {
  await writer.retryBusy(() => db.exec(`BEGIN ${mode}`))
  let result: T
  try {
    checkOpen()
    open?.begun()
    result = await work({
      call: (method, sql, args) =>
        recordWrite(open, { method, sql, args }, () => call(method, sql, args)),
      changeSchema: (statement) => {
        open?.spoiled()
        return changes.run(statement)
      },
    })
    await changes.prepare()
    open?.finished()
    await writer.retryBusy(() => db.exec('COMMIT'))
  } catch (error) {
    open?.undone()
    await changes.rolledBack()
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
  await changes.committed()
  return result
}

/** A statement that is a transaction by itself, or shares one with others that stand for themselves. */
function alone<T>(open: OpenWrites | undefined, write: Write, run: () => T): T {
  open?.begun()
  try {
    return recordWrite(open, write, run)
  } finally {
    open?.finished()
  }
}

function foundNothing(result: unknown): boolean {
  if (result === undefined) return true
  if (Array.isArray(result)) return result.length === 0
  return (result as { changes?: number }).changes === 0
}

function rethrow(error: unknown): never {
  throw sqliteError(error)
}
