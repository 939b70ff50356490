import type Database from 'better-sqlite3'
import { isLockstepError, messageOf } from '../../src/core/errors.ts'
import { setSequences } from '../../src/move/sequences.ts'
import { readCounters } from '../../src/sqlite/counters.ts'
import { stateOf } from '../../src/postgres/errors.ts'
import type { Table } from '../../src/schema/model.ts'
import { foldName } from '../../src/schema/quote.ts'
import type { ConnectionState } from '../../src/sql/connection-functions.ts'
import type { Statement } from '../../src/sql/statement.ts'
import { sqliteFacts } from '../../src/sqlite/facts.ts'
import type { Answer } from './answer.ts'
import { Base } from './base.ts'
import { carriedSchema, carry, reachedFrom, type Carried } from './carry.ts'
import { drawsRowid, readsClock, thisSecond } from './chance.ts'
import { compareAnswers } from './compare.ts'
import { explains, refusalByDriver } from './foreseen.ts'
import { TypeMemory } from './learn-types.ts'
import { inSameOrder, orderingOf, withoutLimit } from './ordering.ts'
import { identical, worse, type Outcome } from './outcome.ts'
import { PostgresSide, type MakeTranslator } from './postgres-side.ts'
import type { FidelityServer } from './server.ts'
import { openSqlite, runOnSqlite } from './sqlite-side.ts'
import { compareState } from './state.ts'

/** What became of one statement; null where it is nothing that a translator translates. */
export interface Step {
  readonly outcome: Outcome | null
  readonly sqlite: Answer
  /** The kind of the statement, or `error` where the text cannot be read. */
  readonly kind: string
}

export interface TwinOptions {
  readonly makeTranslator: MakeTranslator
  readonly types?: TypeMemory
  /** What both places begin with; empty where there is none. */
  readonly base?: Base | null
}

/**
 * One state on both places, and statements that run on both. SQLite changes first; what changes the
 * schema runs there alone, and PostgreSQL is carried over again before the next statement that is compared.
 * On PostgreSQL everything happens in one transaction, which `close` rolls back.
 */
export class Twin {
  readonly sqlite: Database.Database
  readonly #server: FidelityServer
  readonly #postgres: PostgresSide
  readonly #types: TypeMemory
  #carried: Carried | null = null
  #isStale = true
  #mustRefill = false
  /** Tables that statements have dropped, made or altered since PostgreSQL was carried over. */
  readonly #changed = new Set<string>()
  /** PostgreSQL was carried over again inside of the application's transaction. */
  #carriedSinceBegin = false

  readonly #base: Base | null

  private constructor(server: FidelityServer, { makeTranslator, types, base }: TwinOptions) {
    this.#server = server
    this.#base = base ?? null
    this.sqlite = base?.copy() ?? openSqlite()
    this.#types = types ?? new TypeMemory()
    this.#postgres = new PostgresSide(server.client, makeTranslator, sqliteFacts(this.sqlite))
    if (this.#base === null) return
    this.#carried = this.#base.carried
    this.#isStale = false
    this.#postgres.use(this.#carried)
  }

  static async open(server: FidelityServer, options: TwinOptions): Promise<Twin> {
    const twin = new Twin(server, options)
    await server.client.query(options.base ? Base.begin : 'BEGIN')
    // What another case has drawn from a sequence does not come back with its savepoint.
    if (options.base)
      await setSequences(server.client, readCounters(twin.sqlite), twin.tables, carriedSchema)
    return twin
  }

  /** The tables that stand on PostgreSQL. */
  get tables(): readonly Table[] {
    return this.#carried?.schema.tables ?? []
  }

  /** Runs one statement on both places and compares. */
  async run(sql: string, args: readonly unknown[] = []): Promise<Step> {
    const plan = this.#postgres.plan(sql)
    const statement = statementOf(() => plan.statement())
    const kind = statement?.kind ?? 'error'
    if (kind === 'transaction') return this.#transaction(sql, statement as Statement)
    if (plan.schemaQuery !== null) {
      return {
        outcome: null,
        sqlite: runOnSqlite(this.sqlite, sql, args, statement),
        kind: 'schema query',
      }
    }
    const isCompared = ['select', 'insert', 'update', 'delete', 'error'].includes(kind)
    if (!isCompared) {
      const sqlite = runOnSqlite(this.sqlite, sql, args, statement)
      if (kind !== 'explain') this.#isStale = true
      if (kind === 'ddl') this.#changed.add(foldName(statement?.target ?? ''))
      return { outcome: refusalByDriver(plan), sqlite, kind }
    }
    const obstacle = await this.#refresh(statement)
    const target = kind === 'insert' ? this.#target(statement) : undefined
    const isDrawn = target !== undefined && drawsRowid(this.sqlite, target)
    if (isDrawn) this.forget()
    const isRepeatable =
      !isDrawn && !/random|now|current_|(?:julianday|unixepoch)\(\s*\)|uuid/i.test(sql)
    const second = thisSecond()
    const sqlite = runOnSqlite(this.sqlite, sql, args, statement)
    if (obstacle !== null) return { outcome: obstacle, sqlite, kind }
    const postgres = await this.#postgres.run(sql, args, !this.sqlite.inTransaction)
    let outcome = compareAnswers(sql, sqlite, postgres, isRepeatable)
    if (
      outcome.verdict === 'different' &&
      isRepeatable &&
      (await this.#choosesAmongTies(sql, args, sqlite, postgres))
    )
      outcome = identical
    const writes = statement !== null && kind !== 'select'
    if (writes && isRepeatable && leavesSameState(outcome))
      outcome = worse(
        outcome,
        await compareState(this.sqlite, this.#server.client, this.#touched(statement)),
      )
    // What chance or the clock has put in is not the same on both places.
    if (writes && !isRepeatable) this.forget()
    if (outcome.verdict === 'different' && writes) outcome = this.#named(outcome, statement, sqlite)
    const isLater = second !== thisSecond() && target !== undefined && readsClock(target)
    if (!isLater || outcome.cause !== 'following state') return { outcome, sqlite, kind }
    this.forget()
    return { outcome: identical, sqlite, kind }
  }

  /**
   * A LIMIT behind no ORDER BY, or behind one that leaves ties, takes what rows it will. The answer is as good where
   * all the rows are the same without it.
   */
  async #choosesAmongTies(
    sql: string,
    args: readonly unknown[],
    sqlite: Answer,
    postgres: Answer,
  ): Promise<boolean> {
    const all = withoutLimit(sql)
    if (all === null || args.length > 0 || sqlite.kind !== 'rows' || postgres.kind !== 'rows')
      return false
    const ordering = orderingOf(sql, sqlite.names)
    if (sqlite.rows.length !== postgres.rows.length) return false
    if (ordering !== null && !inSameOrder(sqlite.rows, postgres.rows, ordering)) return false
    const theirs = await this.#postgres.run(all, [], !this.sqlite.inTransaction)
    const ours = runOnSqlite(this.sqlite, all, [], null)
    return compareAnswers(all, ours, theirs, true).verdict === 'identical'
  }

  /** Compares every table; for the end of a case. */
  async compareAll(): Promise<Outcome> {
    if (this.#isStale) return identical
    const fit = this.tables.filter(({ name }) => this.#carried?.unfit.has(name) !== true)
    return compareState(this.sqlite, this.#server.client, fit)
  }

  /** After this PostgreSQL is made equal again before the next statement, whatever it holds. */
  forget(): void {
    this.#isStale = true
    this.#mustRefill = true
  }

  async close(): Promise<void> {
    await this.#server.client.query(this.#base === null ? 'ROLLBACK' : Base.end)
    this.sqlite.close()
  }

  async #transaction(sql: string, statement: Statement): Promise<Step> {
    const sqlite = runOnSqlite(this.sqlite, sql, [], statement)
    const { step, savepoint } = statement
    if (step === 'begin') this.#carriedSinceBegin = false
    if (sqlite.kind !== 'failed' && step !== null) {
      // Where the schema has changed in what is undone, nobody knows what stands on PostgreSQL now.
      if (step.startsWith('rollback') && (this.#isStale || this.#carriedSinceBegin)) this.forget()
      else await this.#postgres.step(step, savepoint ?? '').catch(() => this.forget())
    }
    return { outcome: null, sqlite, kind: 'transaction' }
  }

  /** Brings PostgreSQL up to SQLite's schema. Returns why a statement cannot be compared, or null. */
  async #refresh(statement: Statement | null): Promise<Outcome | null> {
    if (this.#isStale) {
      const obstacle = await this.#carryOver()
      if (obstacle !== null) return obstacle
    }
    const names = new Set((statement?.tables ?? []).map(foldName))
    for (const [name, reason] of this.#carried?.unfit ?? []) {
      if (!names.has(foldName(name))) continue
      const cause = `value: ${reason.replace(/^[^:]*: /, '')}`
      return { verdict: 'refused', cause, detail: `${name}.${reason}` }
    }
    return null
  }

  async #carryOver(): Promise<Outcome | null> {
    const { client } = this.#server
    this.#postgres.remember(connectionState(this.sqlite))
    await client.query('SAVEPOINT fidelity_carry')
    try {
      const before = this.#mustRefill ? null : this.#carried
      if (this.#mustRefill) await this.#dropAll()
      this.#carried = await carry(this.sqlite, client, this.#types, before, this.#changed)
    } catch (error) {
      // A name that PostgreSQL cannot take; or deferred keys that are still to be checked hold a table (55006).
      const code = isLockstepError(error) ? error.code : stateOf(error)
      if (code === undefined) throw error
      await client.query('ROLLBACK TO SAVEPOINT fidelity_carry')
      return { verdict: 'refused', cause: `schema: ${code}`, detail: messageOf(error) }
    }
    this.#isStale = false
    this.#mustRefill = false
    this.#changed.clear()
    this.#carriedSinceBegin = true
    this.#postgres.use(this.#carried)
    return null
  }

  async #dropAll(): Promise<void> {
    await this.#server.client.query(
      'DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC',
    )
    this.#carried = null
  }

  #target(statement: Statement | null): Table | undefined {
    const target = foldName(statement?.target ?? '')
    return this.tables.find(({ name }) => foldName(name) === target)
  }

  /** The written table, and the others to which keys or triggers may carry a change on. */
  #touched({ target, kind, sql }: Statement): readonly Table[] {
    const mayDelete = kind !== 'insert' || /\breplace\b/i.test(sql)
    const reached = reachedFrom(new Set([foldName(target ?? '')]), mayDelete ? this.tables : [])
    const tables = this.tables.filter(({ name }) => this.#carried?.unfit.has(name) !== true)
    const touched = tables.filter(({ name }) => reached.has(foldName(name)))
    // What triggers of a view write is for them to say.
    if (this.#carried?.views.has(foldName(target ?? '')) === true) return tables
    return touched.some(({ triggers }) => triggers.length > 0) ? tables : touched
  }

  /** A difference that `assess` and `applySchema` had named is no silent one. */
  #named(outcome: Outcome, statement: Statement, sqlite: Answer): Outcome {
    const error = sqlite.kind === 'failed' ? sqlite : null
    const touched = new Set(this.#touched(statement).map(({ name }) => foldName(name)))
    // A key that does not fit its parent fails where either table is written.
    const isMismatch = error?.message.startsWith('foreign key mismatch') === true
    const code = [...(this.#carried?.undecided ?? [])]
      .filter(([name]) => isMismatch || touched.has(foldName(name)))
      .flatMap(([, codes]) => [...codes])
      .find((each) => explains(each, error))
    if (code === undefined) return outcome
    return { verdict: 'refused', cause: `schema: ${code}`, detail: outcome.detail }
  }
}

/** Both places hold the same rows, so that a case can go on. */
export function leavesSameState({ verdict }: Outcome): boolean {
  return verdict === 'identical' || verdict === 'rowid unread'
}

function connectionState(sqlite: Database.Database): ConnectionState {
  const [changes, totalChanges, lastInsertRowid] = sqlite
    .prepare('SELECT changes(), total_changes(), last_insert_rowid()')
    .raw()
    .get() as [bigint, bigint, bigint]
  return { changes: Number(changes), totalChanges: Number(totalChanges), lastInsertRowid }
}

function statementOf(read: () => Statement): Statement | null {
  try {
    return read()
  } catch {
    return null
  }
}
