import Database from 'better-sqlite3'
import type { Params, PreparedStatement, RunResult } from '../../src/api.ts'
import type { TrafficDatabase } from '../../src/demo/work.ts'

/** The demo's traffic on better-sqlite3 alone: one connection, one transaction at a time. */
export function plainDatabase(file: string): TrafficDatabase & { close(): void } {
  const db = new Database(file)
  db.defaultSafeIntegers(true)
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return await mine
  }
  const statements = {
    all: async <T>(sql: string, params?: Params): Promise<T[]> =>
      await Promise.resolve(db.prepare(sql).all(...spread(params)) as T[]),
    get: async <T>(sql: string, params?: Params): Promise<T | undefined> =>
      await Promise.resolve(db.prepare(sql).get(...spread(params)) as T | undefined),
    run: async (sql: string, params?: Params): Promise<RunResult> =>
      await Promise.resolve(db.prepare(sql).run(...spread(params))),
  }
  const queryable = {
    ...statements,
    values: async () => await Promise.reject(new Error('not used')),
    exec: async () => await Promise.reject(new Error('not used')),
    prepare: (): PreparedStatement => {
      throw new Error('not used')
    },
  }
  return {
    all: async (sql, params) => await inTurn(() => statements.all(sql, params)),
    get: async (sql, params) => await inTurn(() => statements.get(sql, params)),
    run: async (sql, params) => await inTurn(() => statements.run(sql, params)),
    session: async (_options, work) => await work({ token: '' }),
    transaction: async (work) =>
      await inTurn(async () => {
        db.exec('BEGIN IMMEDIATE')
        try {
          const result = await work(queryable)
          db.exec('COMMIT')
          return result
        } catch (error) {
          db.exec('ROLLBACK')
          throw error
        }
      }),
    close: () => db.close(),
  }
}

function spread(params: Params = []): unknown[] {
  return Array.isArray(params) ? params : [params]
}
