import {
  CompiledQuery,
  IdentifierNode,
  RawNode,
  SelectQueryNode,
  createQueryId,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import type { Lockstep } from '../../api.ts'
import { Connection } from '../connection.ts'

type CompileQuery = QueryCompiler['compileQuery']

/** kysely's connections over Lockstep. There may be any number: each transaction has one to itself. */
export class LockstepDriver implements Driver {
  readonly #open: () => Promise<Lockstep>
  readonly #onCreate: ((connection: DatabaseConnection) => Promise<void>) | undefined
  #db: Lockstep | undefined

  constructor(
    open: () => Promise<Lockstep>,
    onCreateConnection?: (connection: DatabaseConnection) => Promise<void>,
  ) {
    this.#open = open
    this.#onCreate = onCreateConnection
  }

  async init(): Promise<void> {
    this.#db = await this.#open()
    // Settings of a connection hold for all of them.
    await this.#onCreate?.(await this.acquireConnection())
  }

  async acquireConnection(): Promise<LockstepConnection> {
    if (this.#db === undefined) throw new TypeError('This driver was not initialised')
    return new LockstepConnection(new Connection(this.#db))
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(step('begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(step('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(step('rollback'))
  }

  async savepoint(
    connection: DatabaseConnection,
    name: string,
    compileQuery: CompileQuery,
  ): Promise<void> {
    await connection.executeQuery(named('savepoint', name, compileQuery))
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compileQuery: CompileQuery,
  ): Promise<void> {
    await connection.executeQuery(named('rollback to', name, compileQuery))
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compileQuery: CompileQuery,
  ): Promise<void> {
    await connection.executeQuery(named('release', name, compileQuery))
  }

  /** What is still open there would keep all others waiting. */
  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const left = under(connection)
    if (left.inTransaction) await left.rollback()
  }

  async destroy(): Promise<void> {
    await this.#db?.close()
  }
}

type Step = 'begin' | 'commit' | 'rollback'

/** What begins and ends transactions passes for a query, so that the log of an application has it as with SQLite. */
const steps = new WeakMap<CompiledQuery, Step>()

function step(name: Step): CompiledQuery {
  const query = CompiledQuery.raw(name)
  steps.set(query, name)
  return query
}

class LockstepConnection implements DatabaseConnection {
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const name = steps.get(query)
    if (name !== undefined) {
      await this.connection[name]()
      return { rows: [] }
    }
    const { sql, parameters } = query
    const { rows, changed } = await this.connection.execute(sql, [parameters])
    if (rows !== null) return { rows: rows as R[] }
    const numAffectedRows = BigInt(changed.changes)
    const { lastInsertRowid } = changed
    if (lastInsertRowid === undefined) return { numAffectedRows, rows: [] }
    return { numAffectedRows, insertId: BigInt(lastInsertRowid), rows: [] }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    if (!SelectQueryNode.is(query.query))
      throw new Error('Sqlite driver only supports streaming of select queries')
    const { rows } = await this.executeQuery<R>(query)
    for (const row of rows) yield { rows: [row] }
  }
}

function under(connection: DatabaseConnection): Connection {
  return (connection as LockstepConnection).connection
}

/** kysely quotes the name as any other. */
function named(command: string, name: string, compileQuery: CompileQuery): CompiledQuery {
  const node = RawNode.createWithChildren([
    RawNode.createWithSql(`${command} `),
    IdentifierNode.create(name),
  ])
  return compileQuery(node, createQueryId())
}
