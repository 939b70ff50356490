import type { Connection } from '../sqlite/connection.ts'
import { sqliteError } from '../sqlite/errors.ts'
import { SqliteStatements, type Method } from '../sqlite/statements.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

/** Runs the application's statements on SQLite. */
export interface SqliteExecutor {
  read(method: Method, sql: string, args: readonly unknown[]): Promise<unknown>
  write(method: Method, sql: string, args: readonly unknown[]): Promise<unknown>
  /** On the connection that writes, for what asks or sets something of the connection itself; no fence. */
  onWriter(method: Method, sql: string, args: readonly unknown[]): Promise<unknown>
  exec(script: string): Promise<void>
  transaction<T>(mode: string, work: (execute: Execute) => Promise<T>): Promise<T>
}

export interface Execute {
  call(method: Method, sql: string, args: readonly unknown[]): unknown
  exec(script: string): void
}

export interface SqliteExecutorOptions {
  readonly reader: Connection
  readonly writer: SqliteWriter
  readonly safeIntegers: boolean
  /** Throws the fence's refusal where SQLite is not the open primary. */
  readonly checkOpen: () => void
}

export function createSqliteExecutor({
  reader,
  writer,
  safeIntegers,
  checkOpen,
}: SqliteExecutorOptions): SqliteExecutor {
  const reads = new SqliteStatements(reader, safeIntegers)
  const writes = new SqliteStatements(writer.db, safeIntegers)
  return {
    async read(method, sql, args) {
      return reads.execute(method, sql, args)
    },
    write: (method, sql, args) =>
      writer
        .write(() => {
          const result = writes.execute(method, sql, args)
          // The triggers refuse a change of a row; a statement that found no row to change must be refused too.
          if (foundNothing(result)) checkOpen()
          return result
        })
        .catch(rethrow),
    onWriter: (method, sql, args) =>
      writer.write(() => writes.execute(method, sql, args)).catch(rethrow),
    exec: (script) =>
      writer
        .write(() => {
          checkOpen()
          writer.db.exec(script)
        })
        .catch(rethrow),
    transaction: (mode, work) =>
      writer
        .hold(async (db) => {
          await writer.retryBusy(() => db.exec(`BEGIN ${mode}`))
          try {
            checkOpen()
            const result = await work({
              call: (method, sql, args) => writes.execute(method, sql, args),
              exec: (script) => void db.exec(script),
            })
            await writer.retryBusy(() => db.exec('COMMIT'))
            return result
          } catch (error) {
            if (db.inTransaction) db.exec('ROLLBACK')
            throw error
          }
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
