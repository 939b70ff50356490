import type pg from 'pg'
import { isLockstepError } from '../../src/core/errors.ts'
import { postgresError } from '../../src/postgres/errors.ts'
import { violationsOf, type DescribeViolation } from '../../src/schema/violations.ts'
import { isPipelined, runOnPostgres, type RunContext } from '../../src/postgres/statements.ts'
import { createPlans, type Plan, type Plans } from '../../src/route/plans.ts'
import { Savepoints } from '../../src/route/savepoints.ts'
import { createStatementSource } from '../../src/route/statement-source.ts'
import { catalogOf, type CatalogSource } from '../../src/schema/catalog.ts'
import type { Catalog } from '../../src/sql/catalog.ts'
import { createConnectionState, type ConnectionState } from '../../src/sql/connection-functions.ts'
import type { RunAnswer } from '../../src/sql/last-insert-rowid.ts'
import type { Translator } from '../../src/sql/translation.ts'
import type { View } from '../../src/sql/views.ts'
import type { SqliteFacts } from '../../src/sqlite/facts.ts'
import type { Value } from '../../src/values/value.ts'
import { NotPostgres } from '../support/postgres-parser.ts'
import { failed, type Answer } from './answer.ts'
import type { Carried } from './carry.ts'

/** Makes the translator under measure; the text sent as it is stands for none. */
export type MakeTranslator = (catalog: Catalog) => Translator

/** PostgreSQL inside one transaction, driven by the very code that serves an application. */
export class PostgresSide {
  readonly #context: RunContext
  readonly #savepoints = new Savepoints()
  readonly #makeTranslator: MakeTranslator
  readonly #client: pg.Client
  #plans: Plans
  #defersKeys = false
  #describe: DescribeViolation = () => null
  #version = 0

  constructor(client: pg.Client, makeTranslator: MakeTranslator, facts: SqliteFacts) {
    this.#client = client
    this.#makeTranslator = makeTranslator
    this.#plans = this.#plansFor({ tables: [], foreignKeys: false }, new Map())
    this.#context = {
      ...facts,
      state: createConnectionState(),
      safeIntegers: true,
      inTransaction: true,
    }
  }

  /** From now on statements are translated for this schema. */
  use({ schema, foreignKeys, views, virtualTables, facts }: Carried): void {
    const { tables } = schema
    this.#plans = this.#plansFor({ tables, foreignKeys, virtualTables, facts }, views)
    this.#describe = violationsOf(schema.tables)
    this.#defersKeys =
      foreignKeys &&
      schema.tables.some((table) => table.foreignKeys.some(({ deferred }) => deferred))
  }

  #plansFor(parts: Omit<CatalogSource, 'version'>, views: ReadonlyMap<string, View>): Plans {
    const catalog = catalogOf({ ...parts, version: (this.#version += 1) })
    const source = createStatementSource({
      catalog,
      tables: parts.tables,
      views,
      translator: this.#makeTranslator(catalog),
      safeIntegers: true,
      nextName: () => `fidelity_${(namesGiven += 1)}`,
      columnNames: () => [],
    })
    return createPlans(() => source)
  }

  /** What SQLite's connection remembers after something that has not run here; no rowid that was unknown before. */
  remember(remembered: ConnectionState): void {
    const { state } = this.#context
    const isKnown = typeof state.lastInsertRowid === 'bigint'
    const { lastInsertRowid } = isKnown ? remembered : state
    Object.assign(state, { ...remembered, lastInsertRowid })
  }

  plan(sql: string): Plan {
    return this.#plans.of(sql)
  }

  /** @param autocommit deferred foreign keys are checked at the end of the statement */
  async run(sql: string, args: readonly unknown[], autocommit: boolean): Promise<Answer> {
    try {
      const plan = this.plan(sql).postgres()
      const { returnsRows } = plan.statement
      const result = await this.#inSavepoint(autocommit && this.#defersKeys, () =>
        runOnPostgres(this.#client, plan, returnsRows ? 'values' : 'run', args, this.#context),
      )
      if (!returnsRows) {
        const { changes } = result as RunAnswer
        return { kind: 'changed', changes, lastInsertRowid: rowidOf(result as RunAnswer) }
      }
      const names = plan.bind(args, this.#context).prepared.names
      return { kind: 'rows', names, rows: result as Value[][] }
    } catch (error) {
      if (error instanceof NotPostgres) throw error
      // What a deferred key says at the end has not passed through the code that runs statements.
      return failed(isLockstepError(error) ? error : postgresError(error, this.#describe))
    }
  }

  /** One step of the application's own transaction; the case's transaction goes on around it. */
  async step(step: string, savepoint: string): Promise<void> {
    const name =
      step === 'savepoint' || step === 'release' || step === 'rollback-to'
        ? savepoint
        : applicationTransaction
    if (step === 'begin' || step === 'savepoint')
      await this.#client.query(this.#savepoints.open(name))
    else if (step === 'commit' || step === 'release')
      await this.#client.query(this.#savepoints.release(name))
    else {
      await this.#client.query(this.#savepoints.rollBackTo(name))
      if (step === 'rollback') await this.#client.query(this.#savepoints.release(name))
    }
  }

  async #inSavepoint<T>(checkKeys: boolean, work: () => Promise<T>): Promise<T> {
    if (!isPipelined(this.#client)) throw new TypeError('The measure needs a pipelined connection')
    const sent = [this.#client.query('SAVEPOINT fidelity_statement'), work()]
    if (checkKeys)
      sent.push(this.#client.query('SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED'))
    sent.push(this.#client.query('RELEASE SAVEPOINT fidelity_statement'))
    const outcomes = await Promise.allSettled(sent)
    const bad = outcomes.slice(1).find((outcome) => outcome.status === 'rejected')
    if (bad === undefined) return (outcomes[1] as PromiseFulfilledResult<T>).value
    if (outcomes.at(-1)?.status === 'rejected')
      await this.#client.query(
        'ROLLBACK TO SAVEPOINT fidelity_statement; RELEASE SAVEPOINT fidelity_statement',
      )
    throw bad.reason as Error
  }
}

function rowidOf(answer: RunAnswer): bigint | null {
  try {
    return BigInt(answer.lastInsertRowid)
  } catch (error) {
    if (isLockstepError(error, 'ROWID_UNKNOWN')) return null
    throw error
  }
}

const applicationTransaction = 'the application'

let namesGiven = 0
