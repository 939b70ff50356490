import type { Flags } from '../route/flags.ts'
import { oncePerTurn } from '../core/wait.ts'
import type { Divergences } from './divergences.ts'
import type { Engine } from '../engine/engine.ts'
import type { BatchObserver } from '../mirror/shipper.ts'
import type { PlaceName } from '../place/place.ts'
import { createReadConnections } from '../postgres/read-connections.ts'
import type { RunContext } from '../postgres/statements.ts'
import type { Plans } from '../route/plans.ts'
import type { WriteRecorder } from '../route/write-recorder.ts'
import { saysNow } from '../shadow/chance.ts'
import { effectOf, type Effect } from '../shadow/effect.ts'
import { createSafeHooks } from '../shadow/hooks.ts'
import { confirmed } from '../shadow/rehearsal-confirm.ts'
import { runRehearsal, type RunSettings } from '../shadow/rehearsal-run.ts'
import type { WriteVerdict } from '../shadow/rehearsal-verdict.ts'
import { Rehearsal, type RehearsalCounters } from '../shadow/rehearsal.ts'
import type { Registry } from '../shadow/registry.ts'
import { WriteLog, type LoggedWrite } from '../shadow/write-log.ts'
import { ruleSettings } from './shadowing.ts'
import { shadowSettings } from './shadow-places.ts'
import { createConnectionState } from '../sql/connection-functions.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import type { SqliteFacts } from '../sqlite/facts.ts'
import { createWriteFacts } from '../sqlite/write-facts.ts'

export interface RehearsingOptions {
  readonly plans: Plans
  readonly facts: SqliteFacts
  readonly registry: Registry
  readonly divergences: Divergences
  readonly primary: () => PlaceName
}

/** Tries the application's writes on PostgreSQL before it has to take them. */
export interface Rehearsing {
  readonly recorder: WriteRecorder
  readonly counters: RehearsalCounters
  close(): Promise<void>
}

/** What arguments may take that wait for their batch. */
const maxLoggedBytes = 8 * 1024 * 1024

export function createRehearsing(engine: Engine, options: RehearsingOptions): Rehearsing {
  const { shadow: settings } = engine.options
  const { registry, plans } = options
  const connections = createReadConnections(engine.server, shadowSettings(engine.server.schema))
  const log = createLog(engine, options)
  const findings = createFindings(engine, options)
  const effects = createEffects(engine)
  const rehearsal = new Rehearsal({
    log,
    percent: () => engine.flags().shadow.rehearse,
    firstRuns: settings.firstRuns,
    maxRows: settings.rehearseMaxRows,
    recordOf: (sql) => registry.of(sql),
    effectOf: (write) => effects.of(write),
    run: (subject) =>
      confirmed(() =>
        connections.run(
          settings.rehearseMaxMs,
          (client) => runRehearsal(client, subject, runSettings(engine, plans, options.facts)),
          'The rehearsal of its batch',
        ),
      ),
    onError: (error) => engine.events.emit('error', { error: error as Error }),
    onVerdict: (write, verdict) => findings.note(write, verdict),
  })
  // What ships for work of its own holds locks that nobody should wait for any longer.
  const onlyAfter: BatchObserver = {
    before: async () => undefined,
    shipped: (batch, position) => rehearsal.shipped(batch, position),
  }
  engine.observer = (isApplier) => (isApplier ? rehearsal : onlyAfter)
  return {
    recorder: log,
    counters: rehearsal.counters,
    async close() {
      engine.observer = () => undefined
      await Promise.all([connections.close(), findings.settled()])
    },
  }
}

/** A write that waits for both places would wait for its rehearsal too. */
function isWanted({ ack, shadow }: Flags): boolean {
  return ack === 'primary' && shadow.rehearse > 0
}

/** Writes are kept only where the batch of them will come by here. */
function createLog(engine: Engine, { plans, primary }: RehearsingOptions): WriteLog {
  const { writer, options } = engine
  // PostgreSQL may hold some of the rows already while they are copied; and another process may have taken Lockstep out.
  const isCopied = oncePerTurn(() => engine.findControl()?.backfilled === true)
  return new WriteLog({
    ...createWriteFacts(writer.db),
    isActive: () =>
      engine.session.leader &&
      primary() === 'sqlite' &&
      engine.installed &&
      engine.flags().mirror &&
      isWanted(engine.flags()) &&
      isCopied(),
    kindOf: (sql) => plans.of(sql).kind,
    maxWrites: options.shadow.rehearseMaxStatements,
    maxBytes: maxLoggedBytes,
    onFilling: () => engine.applier.wake(),
  })
}

function runSettings(engine: Engine, plans: Plans, facts: SqliteFacts): RunSettings {
  const { shadow } = engine.options
  const context: RunContext = {
    ...facts,
    safeIntegers: true,
    // What SQLite's connection remembers of before the batch is not known.
    state: { ...createConnectionState(), lastInsertRowid: { table: null } },
    inTransaction: true,
  }
  return {
    schema: engine.server.schema,
    tables: engine.tables,
    planOf: (sql) => plans.of(sql).postgres(),
    context,
    maxRows: shadow.rehearseMaxRows,
    hasForeignKeys: engine.control().foreignKeys,
    budgetMs: shadow.rehearseMaxMs,
    rules: { ...ruleSettings(engine), tellsClasses: true },
  }
}

/** What each text may change, read once for the tables as they are. */
function createEffects(engine: Engine): { of(write: LoggedWrite): Effect } {
  let known = new Map<string, Effect>()
  let tables = engine.tables
  return {
    of({ sql, args, answer }) {
      if (tables !== engine.tables || known.size > maxEffects) {
        tables = engine.tables
        known = new Map()
      }
      const effect = known.get(sql) ?? effectOf(sql, tables)
      known.set(sql, effect)
      const isOne = 'code' in answer || answer.changes <= 1
      return {
        ...effect,
        undecided: effect.undecided ?? (saysNow(args) ? "'now'" : null),
        loose: effect.loose ?? (isOne ? null : effect.unordered),
      }
    },
  }
}

const maxEffects = 2000

/** Puts down what differs. Nothing waits for it, least of all the batch. */
function createFindings(
  engine: Engine,
  { divergences, plans }: RehearsingOptions,
): { note(write: LoggedWrite, verdict: WriteVerdict): boolean; settled(): Promise<void> } {
  const { shadow } = engine.options
  const hooks = createSafeHooks(shadow.hooks, (hook, message) =>
    engine.events.emit('hook-failed', { hook, message }),
  )
  const ignoredStatements = new Set(shadow.ignoreStatements)
  const running = new Set<Promise<void>>()
  const follow = (work: Promise<void>): void => {
    // What could not be written down is counted all the same, and shows at the next run.
    const quiet = work.catch(() => undefined).finally(() => running.delete(quiet))
    running.add(quiet)
  }
  return {
    note(write, verdict) {
      if (verdict.kind === 'equal') follow(divergences.rehearsed.equal(write, verdict.rows))
      if (verdict.kind !== 'divergent') return false
      const { sql } = write
      const fingerprint = fingerprintOf(sql)
      const { tables } = plans.of(sql)
      const { class: kind } = verdict.finding
      const isIgnored =
        ignoredStatements.has(fingerprint) ||
        hooks.ignore({ class: kind }, Object.freeze({ sql, fingerprint, tables }))
      if (!isIgnored) follow(divergences.rehearsed.found(write, verdict.finding))
      return isIgnored
    },
    async settled() {
      await Promise.all(running)
    },
  }
}
