import type { PreparedStatement, Queryable, RunResult } from '../../api.ts'
import type { Method } from '../../sqlite/statements.ts'
import { analyze } from '../../sql/statement.ts'
import type { Connection, Statement } from '../../sqlite/connection.ts'
import { callStatement } from '../call-statement.ts'
import { returnsRows } from '../returns-rows.ts'

export type ColumnDefinition = ReturnType<Statement['columns']>[number]

/** What a statement asks of the database that has prepared it. */
export interface StatementGround {
  /** The database, for calls outside of a transaction. */
  readonly database: Queryable
  /** The transaction that the call is made in. */
  readonly transaction: () => Queryable | undefined
  /** A connection to the file, whose schema is that of both places. */
  readonly reader: Connection
  /** Whether Lockstep was opened with `sqlite.safeIntegers`. */
  readonly exact: boolean
}

type Shape = 'object' | 'pluck' | 'expand' | 'raw'

/** better-sqlite3's Statement with promises: `await statement.get(7)`. */
export class AsyncStatement<Row = unknown> {
  readonly source: string
  readonly #ground: StatementGround
  readonly #outside: PreparedStatement
  #shape: Shape = 'object'
  #safeIntegers: boolean
  #bound: readonly unknown[] | undefined

  constructor(source: string, ground: StatementGround, safeIntegers: boolean) {
    if (typeof source !== 'string') throw new TypeError('Expected first argument to be a string')
    this.source = source
    this.#ground = ground
    this.#outside = ground.database.prepare(source)
    this.#safeIntegers = safeIntegers
  }

  /** Whether it returns rows. */
  get reader(): boolean {
    return returnsRows(this.source)
  }

  /** @throws LockstepError SQLITE_ERROR where the text is wrong */
  get readonly(): boolean {
    return analyze(this.source).readonly
  }

  async run(...params: unknown[]): Promise<RunResult> {
    const result = (await this.#call('run', params)) as RunResult
    return this.#ground.exact ? withNumbers(result, this.#safeIntegers) : result
  }

  // Without a promise of its own where there is nothing to convert: it would cost as much as a read by key.
  get(...params: unknown[]): Promise<Row | undefined> {
    if (this.#shape !== 'object') return this.all(...params).then(([first]) => first)
    const row = this.#call('get', params) as Promise<Row | undefined>
    return this.#takesNumbers ? row.then((one) => one && this.#numbers(one)) : row
  }

  all(...params: unknown[]): Promise<Row[]> {
    if (this.#shape !== 'object') return this.#shaped(params)
    const rows = this.#call('all', params) as Promise<Row[]>
    return this.#takesNumbers ? rows.then((all) => all.map((row) => this.#numbers(row))) : rows
  }

  /** One row after the other; all of them are read before the first is given. */
  async *iterate(...params: unknown[]): AsyncIterableIterator<Row> {
    yield* await this.all(...params)
  }

  /** Only the value of the first column. */
  pluck(toggle: boolean = true): this {
    return this.#toggle('pluck', toggle)
  }

  /** An object for each table, with `$` for expressions. */
  expand(toggle: boolean = true): this {
    return this.#toggle('expand', toggle)
  }

  /** Rows as arrays. */
  raw(toggle: boolean = true): this {
    return this.#toggle('raw', toggle)
  }

  /** Binds for good; calls take no parameters then. */
  bind(...params: unknown[]): this {
    if (this.#bound !== undefined)
      throw new TypeError('The bind() method can only be invoked once per statement object')
    this.#bound = params
    return this
  }

  /** What SQLite knows of the columns, whichever place serves. */
  columns(): ColumnDefinition[] {
    return this.#ground.reader.prepare(this.source).columns()
  }

  /**
   * Integers as bigint.
   * @throws TypeError where Lockstep was opened without `sqlite.safeIntegers`: the numbers would have lost their digits
   */
  safeIntegers(toggle: boolean = true): this {
    checkExact(this.#ground.exact, toggle)
    this.#safeIntegers = toggle
    return this
  }

  #call(method: Method, params: readonly unknown[]): Promise<unknown> {
    if (this.#bound !== undefined && params.length > 0)
      return Promise.reject(new TypeError('This statement already has bound parameters'))
    const statement = this.#ground.transaction()?.prepare(this.source) ?? this.#outside
    return callStatement(statement, method, this.#bound ?? params)
  }

  async #shaped(params: readonly unknown[]): Promise<Row[]> {
    const rows = (await this.#call('values', params)) as unknown[][]
    const shape = this.#shaping()
    return rows.map((row) => shape(row.map((value) => this.#number(value))) as Row)
  }

  #toggle(shape: Shape, toggle: boolean): this {
    if (!this.reader)
      throw new TypeError(`The ${shape}() method is only for statements that return data`)
    if (typeof toggle !== 'boolean') throw new TypeError('Expected first argument to be a boolean')
    if (toggle) this.#shape = shape
    else if (this.#shape === shape) this.#shape = 'object'
    return this
  }

  #shaping(): (row: unknown[]) => unknown {
    if (this.#shape === 'raw') return (row) => row
    if (this.#shape === 'pluck') return ([first]) => first
    const columns = this.columns()
    return (row) => expanded(columns, row)
  }

  /** Whether integers come as bigint and are wanted as numbers. */
  get #takesNumbers(): boolean {
    return this.#ground.exact && !this.#safeIntegers
  }

  #numbers(row: Row): Row {
    const entries = Object.entries(row as Record<string, unknown>)
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#number(value)])) as Row
  }

  #number(value: unknown): unknown {
    return typeof value === 'bigint' && !this.#safeIntegers ? Number(value) : value
  }
}

/** @throws TypeError */
export function checkExact(exact: boolean, toggle: boolean): void {
  if (typeof toggle !== 'boolean') throw new TypeError('Expected first argument to be a boolean')
  if (exact || !toggle) return
  throw new TypeError(
    'Open Lockstep with sqlite.safeIntegers: true: without it integers have lost digits before they come here',
  )
}

/** A number that nobody knows stays one that fails whoever reads it. */
function withNumbers(result: RunResult, safeIntegers: boolean): RunResult {
  const { changes, lastInsertRowid }: Partial<RunResult> = { ...result }
  if (changes === undefined || lastInsertRowid === undefined || safeIntegers) return result
  return { changes, lastInsertRowid: Number(lastInsertRowid) }
}

function expanded(columns: readonly ColumnDefinition[], row: readonly unknown[]): unknown {
  const tables: Record<string, Record<string, unknown>> = {}
  for (const [index, { table, name }] of columns.entries())
    (tables[table ?? '$'] ??= {})[name] = row[index]
  return tables
}
