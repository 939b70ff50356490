import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import type { Lockstep, RunResult } from '../../api.ts'
import { LockstepError } from '../../core/errors.ts'
import { analyze } from '../../sql/statement.ts'
import { Connection } from '../connection.ts'
import { returnsRows } from '../returns-rows.ts'
import { boundArguments, type TimestampFormat } from './arguments.ts'
import { commitError, prismaError } from './errors.ts'
import { resultSet, type Column } from './result-set.ts'

/** What the queries of a client have in common, in transactions and outside of them. */
export interface Ground {
  readonly timestampFormat: TimestampFormat
  readonly columns: (sql: string) => readonly Column[]
}

/** Prisma's queries on Lockstep: of a database, or of one transaction. */
class LockstepQueryable implements SqlQueryable {
  readonly provider = 'sqlite'
  readonly adapterName = 'lockstep'
  readonly ground: Ground
  readonly connection: Connection

  constructor(connection: Connection, ground: Ground) {
    this.connection = connection
    this.ground = ground
  }

  queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    return asPrisma(async () => {
      const { sql } = query
      if (!returnsRows(sql)) {
        await this.#call('run', query)
        return resultSet([], [])
      }
      const rows = (await this.#call('values', query)) as unknown[][]
      return resultSet(this.ground.columns(sql), rows)
    })
  }

  executeRaw(query: SqlQuery): Promise<number> {
    return asPrisma(async () => ((await this.#call('run', query)) as RunResult).changes)
  }

  #call(method: 'run' | 'values', query: SqlQuery): Promise<unknown> {
    const args = boundArguments(query, this.ground.timestampFormat)
    return this.connection.call(method, query.sql, [args])
  }
}

export class LockstepAdapter extends LockstepQueryable implements SqlDriverAdapter {
  readonly #db: Lockstep

  constructor(db: Lockstep, ground: Ground) {
    super(new Connection(db), ground)
    this.#db = db
  }

  executeScript(script: string): Promise<void> {
    return asPrisma(() => this.#db.exec(script))
  }

  startTransaction(level: IsolationLevel = 'SERIALIZABLE'): Promise<Transaction> {
    return asPrisma(async () => {
      if (level !== 'SERIALIZABLE')
        throw new DriverAdapterError({ kind: 'InvalidIsolationLevel', level })
      const connection = new Connection(this.#db)
      await connection.begin()
      return new LockstepTransaction(connection, this.ground)
    })
  }

  dispose(): Promise<void> {
    return asPrisma(() => this.#db.close())
  }
}

class LockstepTransaction extends LockstepQueryable implements Transaction {
  /** Prisma sends no COMMIT and no ROLLBACK as queries: they are the two methods. */
  readonly options = { usePhantomQuery: true }
  #hasChangedSchema = false

  override async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    // The columns are those of the schema as others see it, which may be other ones.
    if (this.#hasChangedSchema && returnsRows(query.sql)) throw changedSchema()
    return super.queryRaw(query)
  }

  override async executeRaw(query: SqlQuery): Promise<number> {
    const changes = await super.executeRaw(query)
    this.#hasChangedSchema ||= analyze(query.sql).kind === 'ddl'
    return changes
  }

  commit(): Promise<void> {
    return asPrisma(() => this.connection.commit(), commitError)
  }

  rollback(): Promise<void> {
    return asPrisma(() => this.connection.rollback())
  }

  createSavepoint(name: string): Promise<void> {
    return this.#step(`SAVEPOINT ${name}`)
  }

  rollbackToSavepoint(name: string): Promise<void> {
    return this.#step(`ROLLBACK TO ${name}`)
  }

  releaseSavepoint(name: string): Promise<void> {
    return this.#step(`RELEASE ${name}`)
  }

  async #step(sql: string): Promise<void> {
    await this.executeRaw({ sql, args: [], argTypes: [] })
  }
}

async function asPrisma<T>(work: () => Promise<T>, errorOf = prismaError): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw errorOf(error)
  }
}

function changedSchema(): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    'A query that returns rows, in a transaction that has changed the schema: commit the change first, and ask then',
  )
}
