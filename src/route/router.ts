import { isLockstepError } from '../core/errors.ts'
import type { Closing } from '../core/closing.ts'
import type { Reach } from '../core/pause-points.ts'
import { isLongTurn } from '../core/long-turn.ts'
import { sleep, yieldToEventLoop } from '../core/wait.ts'
import type { PlaceName } from '../place/place.ts'
import { wasFenced } from './failures.ts'
import { hasNotBegun } from '../postgres/errors.ts'
import { sqliteArguments } from '../sql/bind.ts'
import type { Flags } from './flags.ts'
import type { Acknowledge } from './acknowledge.ts'
import { answerByDriver } from './driver-answers.ts'
import { explained } from './explain.ts'
import type { Plan, Plans } from './plans.ts'
import { recorded } from './statement-record.ts'
import type { PrimaryWatch } from './primary.ts'
import { changesSchema } from './schema-changes.ts'
import { isSqliteAlone, placeOfRead } from './ramp.ts'
import {
  createSecondaryReads,
  noFallbacks,
  type FallbackCounters,
  type SecondaryReads,
  type SecondaryReadsOptions,
} from './secondary-reads.ts'
import type { Sessions } from './session.ts'
import type { TransactionScope } from './transaction-scope.ts'
import type { PostgresExecutor } from './postgres-executor.ts'
import type { SqliteExecutor } from './sqlite-executor.ts'
import type { Method } from '../sqlite/statements.ts'

export interface RouterOptions extends SecondaryReadsOptions {
  readonly plans: Plans
  readonly watch: PrimaryWatch
  readonly sqlite: SqliteExecutor
  readonly postgres: PostgresExecutor
  readonly flags: () => Flags
  /** The percentages for the session that asks. */
  readonly reads: () => Flags['reads']
  readonly sessions: Sessions
  readonly scope: TransactionScope
  readonly closing: Closing
  readonly acknowledge: Acknowledge
  /** How many rows have gone to quarantine so far. */
  readonly quarantined: () => bigint
  readonly random: () => number
  /** For how long a read is tried again whose server is away. */
  readonly maxHeldMs: number
  readonly reach: Reach
  readonly isInstalled: () => boolean
  /** Throws where Lockstep was taken out and the SQLite file is not the application's database for that. */
  readonly refuseOrphan: () => void
  /** Runs one statement that changes the schema, in a transaction of its own. */
  readonly changeSchema: (sql: string) => Promise<unknown>
  /** Sees the reads while `shadow.sample` is above 0. */
  readonly observe: (plan: Plan, args: readonly unknown[]) => void
}

export interface RouterCounters extends FallbackCounters {
  writes: number
  readonly reads: { sqlite: number; postgres: number }
}

/** How long a read rests before it runs again: a server that answers may still refuse it. */
const readRestMs = 10

/** Sends each statement to the place that should run it, and each write to the one that may. */
export class Router {
  readonly counters: RouterCounters = {
    writes: 0,
    ...noFallbacks(),
    reads: { sqlite: 0, postgres: 0 },
  }
  readonly #options: RouterOptions
  readonly #secondary: SecondaryReads

  constructor(options: RouterOptions) {
    this.#options = options
    this.#secondary = createSecondaryReads(options, this.counters)
  }

  /** Whether the flags could send a read of these tables to PostgreSQL. */
  movesReads({ tables }: Pick<Plan, 'tables'>): boolean {
    const { reads, watch } = this.#options
    return watch.place !== 'sqlite' || placeOfRead(reads(), tables, null, () => 0) !== 'sqlite'
  }

  /** Counts, and compares, a read that the file has answered at once; a synchronous client makes it by itself. */
  served(plan: Plan, args: readonly unknown[]): void {
    this.#count(plan, args)
    this.#observe(plan, args)
  }

  #observe(plan: Plan, args: readonly unknown[]): void {
    this.counters.reads.sqlite++
    if (this.#options.flags().shadow.sample > 0) this.#options.observe(plan, args)
  }

  /** @param args as better-sqlite3's statements take them. */
  async call(method: Method, sql: string, args: readonly unknown[]): Promise<unknown> {
    const { plans, reads, watch, sqlite, refuseOrphan, closing } = this.#options
    if (isLongTurn()) await yieldToEventLoop()
    closing.check()
    refuseOrphan()
    const plan = plans.of(sql)
    if (plan.step !== null) {
      throw new TypeError(
        'Use db.transaction(async (tx) => ...) instead of BEGIN, COMMIT, ROLLBACK and SAVEPOINT: other calls share the connection',
      )
    }
    const sqliteArgs = plan.numbered ? sqliteArguments(plan.statement(), args) : args
    const answer = this.#answer(method, plan, sqliteArgs, args)
    if (answer !== undefined) return answer
    if (this.#isForBoth(plan)) return this.#options.changeSchema(sql).catch(closing.rethrow)
    if (!plan.readonly) return this.#write(method, plan, sqliteArgs, args).catch(closing.rethrow)
    if (watch.place === 'sqlite' && isSqliteAlone(reads())) {
      const begun = this.#count(plan, args)
      const answer = sqlite.readNow(method, sql, sqliteArgs)
      plan.record.ended('sqlite', begun, answer)
      this.#observe(plan, args)
      return answer
    }
    return this.#read(method, plan, sqliteArgs, args).catch(closing.rethrow)
  }

  /** Several statements without parameters, one after the other; takes those that have run off the list. */
  async exec(left: Plan[]): Promise<void> {
    while (left.length > 0) {
      const at = left.findIndex((plan) => this.#isForBoth(plan))
      const end = at < 0 ? left.length : at
      if (end > 0) await this.#execOnPrimary(left.splice(0, end))
      const change = left.shift()
      if (change !== undefined) await this.#options.changeSchema(change.sql)
    }
  }

  /** Each statement stands for itself, as on SQLite: what has run stays, also where the primary moves. */
  async #execOnPrimary(statements: Plan[]): Promise<void> {
    const { sqlite, postgres } = this.#options
    await this.write({
      sqlite: () => sqlite.exec(statements),
      postgres: async () => {
        for (let next = statements[0]; next !== undefined; next = statements[0]) {
          await (this.#answer('run', next, [], []) ?? postgres.write('run', next.postgres(), []))
          statements.shift()
        }
      },
    })
  }

  /** A change of the schema is for both places, once there are two. */
  #isForBoth(plan: Plan): boolean {
    const { isInstalled, watch } = this.#options
    if (!isInstalled() || plan.kind === null) return false
    return plan.isDdl || (watch.place === 'postgres' && changesSchema(plan.statement()))
  }

  /**
   * Runs a write where the primary is. A write that meets the fence, or a server that is away, has changed
   * nothing: it waits until a place is open and runs there, so the caller sees a pause and no error.
   */
  async write<T>(work: { sqlite: () => Promise<T>; postgres: () => Promise<T> }): Promise<T> {
    const { watch, sessions, acknowledge, quarantined, reach, scope, refuseOrphan, maxHeldMs } =
      this.#options
    scope.refuseInside()
    if (isLongTurn()) await yieldToEventLoop()
    let until: number | undefined
    for (;;) {
      refuseOrphan()
      // Others wait at the fence: to be refused there as well would only take from what the flip has to do.
      if (watch.holds) await watch.untilOpen()
      const { place } = watch
      try {
        const before = quarantined()
        const result = await work[place]()
        this.counters.writes++
        sessions.current().writes++
        await reach('write:committed')
        await acknowledge(place, before)
        return result
      } catch (error) {
        if (!wasFenced(error) && !hasNotBegun(error)) throw error
        // A server that answers and yet ends each attempt would do so for ever.
        until ??= performance.now() + maxHeldMs
        if (!wasFenced(error) && performance.now() > until) throw error
        await watch.untilOpen()
      }
    }
  }

  /** What is no statement on the application's rows, or asks the very connection that writes. */
  #answer(
    method: Method,
    plan: Plan,
    sqliteArgs: readonly unknown[],
    args: readonly unknown[],
  ): Promise<unknown> | undefined {
    const { sqlite, postgres, watch, isInstalled } = this.#options
    const { place } = watch
    if (place === 'sqlite' && !plan.asksDriver) return undefined
    const file = { read: sqlite.read, onWriter: sqlite.onWriter }
    const answer = answerByDriver(plan, method, sqliteArgs, {
      place,
      file,
      isInstalled: isInstalled(),
    })
    if (answer !== undefined || !plan.readonly) return answer
    if (plan.asksConnection) {
      return place === 'sqlite'
        ? sqlite.onWriter(method, plan.sql, sqliteArgs)
        : postgres.read(method, plan.postgres(), args)
    }
    if (place === 'sqlite' || plan.kind !== 'explain') return undefined
    return postgres.explain(method, this.#options.plans.of(explained(plan.sql)).postgres(), args)
  }

  async #write(
    method: Method,
    plan: Plan,
    sqliteArgs: readonly unknown[],
    args: readonly unknown[],
  ): Promise<unknown> {
    const { sqlite, postgres } = this.#options
    const { record } = plan
    this.#count(plan, args)
    return this.write({
      sqlite: () => recorded(record, 'sqlite', () => sqlite.write(method, plan, sqliteArgs)),
      postgres: () =>
        recorded(record, 'postgres', () => postgres.write(method, plan.postgres(), args)),
    })
  }

  async #read(
    method: Method,
    plan: Plan,
    sqliteArgs: readonly unknown[],
    args: readonly unknown[],
  ): Promise<unknown> {
    const { flags, reads, sessions, watch } = this.#options
    const session = sessions.current()
    this.#count(plan, args)
    const wanted = placeOfRead(reads(), plan.tables, session.key, this.#options.random)
    const on = (place: PlaceName): Promise<unknown> =>
      this.#readOn(place, method, plan, sqliteArgs, args)
    const onPrimary = (): Promise<unknown> => this.#readOnPrimary(on)
    if (flags().shadow.sample > 0) this.#options.observe(plan, args)
    if (wanted === watch.place) return onPrimary()
    const there = (): Promise<unknown> => on(wanted)
    return this.#secondary.serve({ place: wanted, plan, session, there, onPrimary })
  }

  /** A read changes nothing, so one whose server went away runs again, as a write that had not begun does. */
  async #readOnPrimary(on: (place: PlaceName) => Promise<unknown>): Promise<unknown> {
    const { watch, maxHeldMs } = this.#options
    const end = performance.now() + maxHeldMs
    for (;;) {
      try {
        return await on(watch.place)
      } catch (error) {
        if (!isLockstepError(error, 'POSTGRES_UNREACHABLE') || performance.now() >= end) throw error
        await watch.untilOpen('read').catch(() => {
          throw error
        })
        await sleep(readRestMs)
      }
    }
  }

  #count({ record }: Plan, args: readonly unknown[]): number {
    this.#options.sessions.current().called(record)
    return record.begin(args)
  }

  #readOn(
    place: PlaceName,
    method: Method,
    plan: Plan,
    sqliteArgs: readonly unknown[],
    args: readonly unknown[],
  ): Promise<unknown> {
    const { sqlite, postgres } = this.#options
    const result = recorded(plan.record, place, () =>
      place === 'sqlite'
        ? sqlite.read(method, plan.sql, sqliteArgs)
        : postgres.read(method, plan.postgres(), args),
    )
    return result.then((rows) => {
      this.counters.reads[place]++
      return rows
    })
  }
}
