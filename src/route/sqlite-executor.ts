import type { Connection } from '../sqlite/connection.ts'
import { sqliteError } from '../sqlite/errors.ts'
import { SqliteStatements, type Method } from '../sqlite/statements.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import type { Statement } from '../sql/statement.ts'
import type { AskSqlite } from './driver-answers.ts'
import type { Plan } from './plans.ts'
import type { TransactionChanges } from './schema-changes.ts'

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
}

export function createSqliteExecutor({
  reader,
  writer,
  safeIntegers,
  checkOpen,
  schemaChanges,
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
      return (changesRows ? writer.writeTogether(work) : writer.write(work)).catch(rethrow)
    },
    onWriter: (method, sql, args) =>
      writer.write(() => writes.execute(method, sql, args)).catch(rethrow),
    exec: (statements) =>
      writer
        .hold(async (db) => {
          for (let next = statements[0]; next !== undefined; next = statements[0]) {
            const { sql, isDdl } = next
            await writer.retryBusy(() => fenced(isDdl, () => (checkOpen(), db.exec(sql))))
            statements.shift()
          }
        })
        .catch(rethrow),
    transaction: (mode, work) =>
      writer
        .hold(async (db) => {
          const changes = schemaChanges(db)
          await writer.retryBusy(() => db.exec(`BEGIN ${mode}`))
          let result: Awaited<ReturnType<typeof work>>
          try {
            checkOpen()
            result = await work({
              call: (method, sql, args) => writes.execute(method, sql, args),
              changeSchema: (statement) => changes.run(statement),
            })
            await changes.prepare()
            await writer.retryBusy(() => db.exec('COMMIT'))
          } catch (error) {
            await changes.rolledBack()
            if (db.inTransaction) db.exec('ROLLBACK')
            throw error
          }
          await changes.committed()
          return result
        })
        .catch(rethrow),
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
