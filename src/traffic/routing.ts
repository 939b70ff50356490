import type { Params, RunResult } from '../api.ts'
import { Closing } from '../core/closing.ts'
import { createDivergences, type Divergences } from './divergences.ts'
import type { Engine } from '../engine/engine.ts'
import { watchPrimary } from './watched-primary.ts'
import { createHealth, type SharedHealth } from './health.ts'
import { createSessionTokens } from './session-tokens.ts'
import { readOverrides } from '../options/override-options.ts'
import type { Control, PlaceName } from '../place/place.ts'
import { mendFence, readControl } from '../postgres/control.ts'
import { createPromises, unusable } from './promises.ts'
import { createPlans, type Plans } from '../route/plans.ts'
import { createPostgresExecutor, type PostgresExecutor } from '../route/postgres-executor.ts'
import { PrimaryWatch } from '../route/primary.ts'
import { createReadHold, type ReadHold } from '../route/read-hold.ts'
import { Router, type RouterOptions } from '../route/router.ts'
import type { SecondaryReadsOptions } from '../route/secondary-reads.ts'
import { createSessions, type Sessions } from '../route/session.ts'
import { createSqliteExecutor, type SqliteExecutor } from '../route/sqlite-executor.ts'
import { runTransaction } from '../route/transaction.ts'
import { createTransactionScope, type TransactionScope } from '../route/transaction-scope.ts'
import type { SchemaChanges } from '../route/schema-changes.ts'
import type { WriteRecorder } from '../route/write-recorder.ts'
import { createSchemaChanges } from './schema-changes.ts'
import type { SourceFor } from './schema-changes-postgres.ts'
import { createSources, type Sources } from './sources.ts'
import type { Registry } from '../shadow/registry.ts'
import { openRegistry } from './statements.ts'
import { createOverrides } from '../sql/overrides/overrides.ts'
import { createRehearsing, type Rehearsing } from './rehearsing.ts'
import { createShadowing, type Shadowing } from './shadowing.ts'
import { createOpenCheck } from '../sqlite/control.ts'
import { sqliteFacts, type SqliteFacts } from '../sqlite/facts.ts'

/** The parts that run the application's statements. */
export interface Routing extends Omit<SecondaryReadsOptions, 'consistency'> {
  readonly router: Router
  readonly plans: Plans
  readonly sqlite: SqliteExecutor
  readonly postgres: PostgresExecutor
  readonly watch: PrimaryWatch
  readonly sessions: Sessions
  readonly scope: TransactionScope
  readonly closing: Closing
  readonly shadowing: Shadowing
  readonly rehearsing: Rehearsing
  readonly divergences: Divergences
  readonly registry: Registry
  readonly sharedHealth: SharedHealth
  readonly hold: ReadHold
  readonly isInstalled: () => boolean
  readonly maxTransactionIdleMs: number
  readonly counters: { degraded: number }
  transactionOf(statements: readonly { sql: string; params?: Params }[]): Promise<RunResult[]>
  /** What is known of tables and the primary has changed. */
  refresh(): void
}

/** What the router is made of. */
type Parts = Pick<
  Routing,
  | 'plans'
  | 'watch'
  | 'sqlite'
  | 'postgres'
  | 'sessions'
  | 'scope'
  | 'closing'
  | 'isInstalled'
  | 'hold'
> &
  Omit<SecondaryReadsOptions, 'consistency'>

/** Before install SQLite is all there is. */
const uninstalled: Control = {
  migration: '',
  epoch: 0,
  primary: 'sqlite',
  state: 'open',
  attempt: '',
  deadlineMs: 0,
}

export function createRouting(engine: Engine): Routing {
  const { options } = engine
  const fence = createFenceCheck(engine)
  const scope = createTransactionScope()
  const refresh = (): void => {
    sources.refresh()
    plans.clear()
    fence.reset()
    watch.refresh()
  }
  const { sources, changes } = createSchemaParts(engine, refresh)
  const registry = openRegistry(engine)
  const plans = createPlans(
    () => sources.current(),
    createOverrides(readOverrides(options.overrides)),
    (sql) => registry.of(sql),
  )
  const watch = createWatch(engine)
  const facts = sqliteFacts(engine.file.reader)
  const divergences = createDivergences(engine)
  const shared = { facts, registry, divergences, plans }
  const rehearsing = createRehearsing(engine, { ...shared, primary: () => watch.place })
  const seen = createSeen(engine, divergences)
  const { sqlite, postgres } = createExecutors(engine, {
    facts,
    watch,
    health: seen.sharedHealth.primary,
    plans,
    changes,
    recorder: rehearsing.recorder,
    checkOpen: { sqlite: () => fence.check(), postgres: () => watch.refuseHeld() },
    scope,
  })
  const shadowing = createShadowing(engine, {
    ...shared,
    unusable: () => unusable(engine, watch)?.reason ?? null,
  })
  const parts = {
    plans,
    watch,
    sqlite,
    postgres,
    sessions: createSessions(createSessionTokens(engine)),
    scope,
    closing: new Closing(),
    isInstalled: () => engine.installed,
    ...seen,
  }
  const router = createRouter(engine, parts, {
    changeSchema: (sql) => changeSchema(engine, routing, sql),
    observe: (plan, args) => shadowing.observe(plan, args),
  })
  const routing: Routing = {
    ...parts,
    router,
    shadowing,
    rehearsing,
    divergences,
    registry,
    maxTransactionIdleMs: options.writes.maxTransactionIdleMs,
    counters: countDegraded(engine),
    transactionOf: (statements) => runBatch(routing, statements),
    refresh,
  }
  return routing
}

function createRouter(
  engine: Engine,
  parts: Parts,
  calls: Pick<RouterOptions, 'changeSchema' | 'observe'>,
): Router {
  const { options } = engine
  return new Router({
    ...parts,
    ...calls,
    flags: () => parts.hold.flags(),
    reads: () => parts.hold.readsOf(parts.sessions.current()),
    random: Math.random,
    maxHeldMs: options.writes.maxHeldMs,
    ...createPromises(engine, parts.watch),
    reach: options.testing.reach,
    refuseOrphan: () => engine.refuseOrphan(),
  })
}

function createWatch(engine: Engine): PrimaryWatch {
  return new PrimaryWatch({
    ...engine.options.writes,
    readSqlite: () => (engine.installed ? engine.control() : uninstalled),
    readPostgres: () => readOpenControl(engine),
    recover: () => engine.recover(),
  })
}

/** What has been seen of reads on the secondary decides where the next ones go. */
function createSeen(
  engine: Engine,
  divergences: Divergences,
): Pick<Routing, 'sharedHealth' | 'hold'> & Omit<SecondaryReadsOptions, 'consistency'> {
  const sharedHealth = createHealth(engine)
  return {
    sharedHealth,
    health: sharedHealth.here,
    isDivergent: ({ sql }) => divergences.isOpen(sql),
    hold: createReadHold(() => engine.flags()),
    onFallback: (place, reason) => engine.events.emit('fallback', { place, reason }),
  }
}

function countDegraded({ events }: Engine): Routing['counters'] {
  const counters = { degraded: 0 }
  events.on('degraded', () => (counters.degraded += 1))
  return counters
}

function createSchemaParts(
  engine: Engine,
  refresh: () => void,
): { sources: Sources; changes: SchemaChanges } {
  const sources = createSources(engine, refresh)
  const sourceFor: SourceFor = (tables, db) => sources.forTables(tables, db)
  const changes = createSchemaChanges(engine, sourceFor, () => {
    engine.reload()
    refresh()
  })
  return { sources, changes }
}

function createExecutors(
  { file, writer, server, options, telemetry: { timing, statements } }: Engine,
  parts: {
    facts: SqliteFacts
    plans: Plans
    watch: PrimaryWatch
    health: SharedHealth['primary']
    changes: SchemaChanges
    recorder: WriteRecorder
    checkOpen: Record<PlaceName, () => void>
    scope: TransactionScope
  },
): { sqlite: SqliteExecutor; postgres: PostgresExecutor } {
  const { facts, plans, watch, health, changes, recorder, checkOpen, scope } = parts
  const sqlite = createSqliteExecutor({
    reader: file.reader,
    writer,
    safeIntegers: options.sqlite.safeIntegers,
    checkOpen: checkOpen.sqlite,
    schemaChanges: (db) => changes.onSqlite(db),
    recorder,
  })
  const postgres = createPostgresExecutor({
    ...server,
    ...options.sqlite,
    ...options.writes,
    ...facts,
    checkOpen: checkOpen.postgres,
    poolOfRead: () => (scope.isInside() ? server.inner : server.pool),
    schemaChanges: (client) => changes.onPostgres(client),
  })
  const timed = statements.postgres(timing.postgres(postgres))
  const { rollback } = options.autopilot
  return {
    sqlite: statements.sqlite(timing.sqlite(sqlite), plans),
    postgres: rollback ? watchPrimary(timed, health, () => watch.place === 'postgres') : timed,
  }
}

/** Asks the fence for statements that change no row; an uninstall by another process shows here first. */
function createFenceCheck(engine: Engine): { check(): void; reset(): void } {
  let openCheck: (() => void) | undefined
  return {
    check() {
      if (!engine.installed) return
      openCheck ??= createOpenCheck(engine.writer.db)
      try {
        openCheck()
      } catch (error) {
        if (engine.outdated) engine.reload()
        if (engine.installed) throw error
      }
    },
    reset() {
      openCheck = undefined
    },
  }
}

/**
 * What has been written so far goes over first, as far as it can: a unique index holds on both places only
 * once the duplicates have left both.
 */
async function changeSchema(engine: Engine, routing: Routing, sql: string): Promise<RunResult> {
  const { primary, backfilled, completed } = engine.control()
  if (backfilled && !completed && /\bunique\b|\bas\b/i.test(sql))
    await engine.shipper.catchUp(primary).catch(() => undefined)
  return runTransaction(routing, (tx) => tx.run(sql))
}

async function runBatch(
  routing: Routing,
  statements: readonly { sql: string; params?: Params }[],
): Promise<RunResult[]> {
  return runTransaction(routing, async (tx) => {
    const results: RunResult[] = []
    for (const { sql, params } of statements) results.push(await tx.run(sql, params))
    return results
  })
}

/** A process that died between the record and the fence left them apart: whoever needs it mends it. */
async function readOpenControl(engine: Engine): Promise<Control> {
  const control = await readControl(engine.server.control)
  if (control.primary === 'postgres' && control.state === 'open' && !control.fenceOpen)
    await mendFence(engine.server.control)
  return control
}
