import type { Engine } from './engine.ts'
import { align } from './mirror/align.ts'
import { checkPlan, runOnPostgres, type RunContext } from './postgres/statements.ts'
import type { Plan, Plans } from './route/plans.ts'
import type { PostgresExecutor } from './route/postgres-executor.ts'
import type { SqliteExecutor } from './route/sqlite-executor.ts'
import { shadowOf } from './shadow/sample.ts'
import { Shadow, type BothPlaces, type ShadowRead } from './shadow/shadow.ts'
import { sqliteArguments } from './sql/bind.ts'
import { createConnectionState } from './sql/connection-functions.ts'
import type { SqliteFacts } from './sqlite/facts.ts'
import { SqliteStatements } from './sqlite/statements.ts'

export interface ShadowingOptions {
  readonly plans: Plans
  readonly sqlite: SqliteExecutor
  readonly postgres: PostgresExecutor
  readonly facts: SqliteFacts
  readonly random: () => number
  /** Why PostgreSQL has nothing to compare, or null. */
  readonly unusable: () => string | null
}

/** Samples the reads of a SQLite primary for comparison with PostgreSQL. */
export interface Shadowing {
  readonly shadow: Shadow
  observe(plan: Plan, args: readonly unknown[]): void
}

export function createShadowing(engine: Engine, options: ShadowingOptions): Shadowing {
  const { plans, random, unusable } = options
  const argumentsOf = (read: ShadowRead): unknown[] =>
    sqliteArguments(plans.of(read.sql).statement(), read.args)
  const live: BothPlaces = {
    sqlite: (read) => rows(options.sqlite.read('values', read.sql, argumentsOf(read))),
    postgres: (read) =>
      rows(options.postgres.read('values', plans.of(read.sql).postgres(), read.args)),
  }
  const context: RunContext = {
    ...options.facts,
    safeIntegers: engine.options.sqlite.safeIntegers,
    state: createConnectionState(),
    inTransaction: true,
  }
  const shadow = new Shadow({
    live,
    unusable,
    aligned: async (work) => {
      const snapshots = await align(engine.control().primary, engine)
      const statements = new SqliteStatements(snapshots.sqlite, false)
      try {
        return await work({
          sqlite: async (read) =>
            statements.execute('values', read.sql, argumentsOf(read)) as unknown[][],
          postgres: async (read) => {
            const plan = plans.of(read.sql).postgres()
            await checkPlan(snapshots.postgres, plan)
            return rows(runOnPostgres(snapshots.postgres, plan, 'values', read.args, context))
          },
        })
      } finally {
        await snapshots.release()
      }
    },
    onDivergence: ({ sql, tables }, kind) =>
      engine.events.emit('divergence', { statement: sql, table: tables[0] ?? null, class: kind }),
  })
  return {
    shadow,
    observe(plan, args) {
      const { sample } = engine.flags().shadow
      if (sample === 0 || random() * 100 >= sample) return
      const read = shadowOf(plan.statement(), args)
      if (read !== null) shadow.observe(read)
    },
  }
}

async function rows(answer: Promise<unknown>): Promise<unknown[][]> {
  return (await answer) as unknown[][]
}
