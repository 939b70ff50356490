import type { Lockstep, Status } from '../api.ts'
import { readiness } from '../cutover/readiness.ts'
import type { Engine } from '../engine/engine.ts'
import { createEvidence } from './evidence.ts'
import { silenceOf } from '../postgres/connection.ts'
import { unlessAway } from '../postgres/unless-away.ts'
import { stageOf } from '../route/flags.ts'
import { refuseForeign } from '../move/pair.ts'
import type { Routing } from '../traffic/routing.ts'
import { standstillOf } from './standstill.ts'
import { unmetFlags } from './unmet-flags.ts'

/** The questions an operator asks. */
export interface Report {
  status(): Promise<Status>
  ready: Lockstep['ready']
  /** Rows that the present secondary cannot hold. */
  quarantined(): Promise<number>
}

export function createReport(engine: Engine, routing: Routing): Report {
  const evidence = createEvidence(engine, routing)
  const quarantined = async (): Promise<number> => {
    if (engine.control().primary === 'postgres') {
      return engine.file.reader
        .prepare('SELECT count(*) FROM _lockstep_quarantine')
        .pluck()
        .get() as number
    }
    const { rows } = await engine.server.control.query<{ count: string }>(
      'SELECT count(*) FROM lockstep.quarantine',
    )
    return Number((rows[0] as { count: string }).count)
  }
  const entries = async (): Promise<number> => {
    if (engine.control().primary === 'sqlite') return engine.lag.entries()
    const { rows } = await engine.server.control.query<{ count: string }>(
      'SELECT count(*) FROM lockstep.journal',
    )
    return Number((rows[0] as { count: string }).count)
  }
  const lag = async (): Promise<Status['lag']> => {
    const { primary, appliedAtMs } = engine.control()
    const waiting = await unlessAway(entries(), null)
    const ms = engine.lag.look(primary, appliedAtMs)
    // An idle hour without a process is none: only PostgreSQL knows that nothing waits in its journal.
    return { entries: waiting ?? 0, ms: waiting === 0 ? 0 : ms }
  }
  const ready: Report['ready'] = async () => {
    engine.requireInstalled()
    await engine.checkPairAgain()
    const control = engine.control()
    const waiting = await lag()
    return readiness({
      server: engine.server,
      openReader: () => engine.file.openReader(),
      tables: engine.tables,
      primary: control.primary,
      mirror: engine.flags().mirror,
      backfilled: control.backfilled,
      foreignKeys: control.foreignKeys,
      lag: waiting,
      bounds: engine.options.gates,
      evidence,
      standstill: await standstillOf(engine, waiting.entries),
      quarantine: quarantined,
      drift: () => engine.checkDrift({ notNull: true }),
    })
  }
  return { ready, quarantined, status: () => status(engine, routing, { lag, quarantined }) }
}

async function status(
  engine: Engine,
  routing: Routing,
  figures: { lag(): Promise<Status['lag']>; quarantined(): Promise<number> },
): Promise<Status> {
  const flags = engine.flags()
  const { watch } = routing
  const { counters } = routing.router
  const reason = await silenceOf(engine.server)
  const common = {
    postgres: { reachable: reason === null, reason },
    divergences: routing.divergences.count(),
    divergentWrites: routing.divergences.countWrites(),
    flags,
    flagsRefused: engine.flagsRefused(),
    flagsUnmet: unmetFlags(engine),
    applier: engine.applier.status,
    breaker: engine.breaker.state,
    counters: {
      ...counters,
      fallbackKinds: { ...counters.fallbackKinds },
      reads: { ...counters.reads },
      degraded: routing.counters.degraded,
      held: watch.held.total,
      shadow: { ...routing.shadowing.shadow.counters },
      rehearsals: { ...routing.rehearsing.counters },
    },
  }
  if (engine.outdated) engine.reload()
  if (!engine.installed) {
    if (reason === null) await refuseForeign(engine.server)
    const facts = { primary: 'sqlite', complete: false, installed: false } as const
    return {
      installed: false,
      stage: stageOf(flags, facts),
      primary: 'sqlite',
      epoch: 0,
      state: 'open',
      lag: { entries: 0, ms: 0 },
      quarantine: 0,
      backfilled: false,
      standstill: null,
      ...common,
    }
  }
  await engine.checkPairAgain()
  const control = engine.control()
  const [lag, quarantine] = await Promise.all([figures.lag(), unlessAway(figures.quarantined(), 0)])
  return {
    installed: true,
    stage: stageOf(flags, {
      primary: control.primary,
      complete: control.completed,
      installed: true,
    }),
    primary: control.primary,
    epoch: control.epoch,
    state: control.primary === 'sqlite' ? control.state : 'open',
    // After `complete` nobody follows any more.
    lag: control.completed ? { entries: 0, ms: 0 } : lag,
    quarantine,
    backfilled: control.backfilled,
    standstill: await standstillOf(engine, lag.entries),
    ...common,
  }
}
