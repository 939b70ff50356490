import type { Lockstep, LockstepEvents, Status, VerifyReport } from '../api.ts'
import { isLockstepError } from '../core/errors.ts'
import type { TypedEmitter } from '../core/events.ts'
import type { Registry } from './registry.ts'

const stages = ['off', 'mirror', 'shadow', 'ramp', 'flipped', 'complete'] as const
const states = ['open', 'draining', 'committing', 'moved'] as const
const places = ['sqlite', 'postgres'] as const

/** Counts what happens, as it happens. */
export function countEvents(events: TypedEmitter<LockstepEvents>, registry: Registry): void {
  events.on('flip', ({ to, pauseMs }) => {
    registry.add('lockstep.flips', { 'lockstep.outcome': 'moved' })
    registry.recorder('lockstep.flip.pause', { 'lockstep.to': to })(pauseMs / 1000)
  })
  events.on('flip-cancelled', () =>
    registry.add('lockstep.flips', { 'lockstep.outcome': 'cancelled' }),
  )
  events.on('divergence', ({ class: kind, table }) =>
    registry.add('lockstep.divergences', {
      'lockstep.class': kind,
      'db.collection.name': table ?? '',
    }),
  )
  // From 0, as an alert on an increase would miss a counter that begins with 1.
  for (const action of ['back', 'forward', 'rollback'])
    registry.add('lockstep.autopilot.moves', { 'lockstep.action': action }, 0)
  events.on('autopilot', ({ action }) =>
    registry.add('lockstep.autopilot.moves', { 'lockstep.action': action }),
  )
  events.on('quarantine', ({ table }) =>
    registry.add('lockstep.quarantined', { 'db.collection.name': table }),
  )
  events.on('drift', () => registry.add('lockstep.drifts'))
  events.on('error', ({ error }) =>
    registry.add('lockstep.errors', { 'error.type': errorType(error) }),
  )
}

/** Codes are few; the names of strangers' errors need not be. */
export function errorType(error: unknown): string {
  if (isLockstepError(error)) return error.code
  return error instanceof TypeError || error instanceof RangeError ? error.name : 'UNEXPECTED'
}

/** Puts what an answer of `status` says into the registry; its counters are this process's own. */
export function setStatus(status: Status, registry: Registry): void {
  const truth = (name: Parameters<Registry['set']>[0], holds: boolean): void =>
    registry.set(name, holds ? 1 : 0)
  const one = (
    name: Parameters<Registry['set']>[0],
    attribute: string,
    words: readonly string[],
    now: string,
  ): void =>
    words.forEach((word) => registry.set(name, word === now ? 1 : 0, { [attribute]: word }))
  one('lockstep.stage', 'lockstep.stage', stages, status.stage)
  one('lockstep.primary', 'lockstep.place', places, status.primary)
  one('lockstep.flip.state', 'lockstep.state', states, status.state)
  registry.set('lockstep.epoch', status.epoch)
  truth('lockstep.postgres.reachable', status.postgres.reachable)
  truth('lockstep.backfilled', status.backfilled)
  registry.set('lockstep.lag', status.lag.ms / 1000)
  registry.set('lockstep.journal.entries', status.lag.entries)
  registry.set('lockstep.quarantine.rows', status.quarantine)
  const open = { read: status.divergences, write: status.divergentWrites }
  for (const [operation, count] of Object.entries(open))
    registry.set('lockstep.divergences.open', count, { 'lockstep.operation': operation })
  truth('lockstep.breaker.open', status.breaker === 'open')
  truth('lockstep.applier.leader', status.applier.leader)
  truth('lockstep.applier.running', status.applier.running)
  truth('lockstep.flags.mirror', status.flags.mirror)
  registry.set('lockstep.flags.reads', status.flags.reads.postgres)
  registry.set('lockstep.flags.shadow', status.flags.shadow.sample)
  truth('lockstep.flags.ack_both', status.flags.ack === 'both')
  truth('lockstep.flags.refused', status.flagsRefused !== null)
  truth('lockstep.flags.unmet', status.flagsUnmet !== null)
  setCounters(status, registry)
}

function setCounters({ applier, counters }: Status, registry: Registry): void {
  registry.set('lockstep.applier.batches', applier.batches)
  registry.set('lockstep.applier.rows', applier.rows)
  registry.set('lockstep.writes', counters.writes)
  for (const place of places)
    registry.set('lockstep.reads', counters.reads[place], { 'lockstep.place': place })
  for (const [kind, count] of Object.entries(counters.fallbackKinds))
    registry.set('lockstep.fallbacks', count, { 'lockstep.reason': kind })
  registry.set('lockstep.writes.held', counters.held)
  registry.set('lockstep.acknowledgements.degraded', counters.degraded)
  const { equal, transient, divergent, dropped } = counters.shadow
  for (const [outcome, count] of Object.entries({ equal, transient, divergent, dropped }))
    registry.set('lockstep.shadow.reads', count, { 'lockstep.outcome': outcome })
  setRehearsals(counters.rehearsals, registry)
}

/** Of writes; batches are not one of their outcomes. */
function setRehearsals(counters: Status['counters']['rehearsals'], registry: Registry): void {
  const { equal, divergent, undecided, unknown, untranslated } = counters
  for (const [outcome, count] of Object.entries({
    equal,
    divergent,
    undecided,
    unknown,
    untranslated,
  }))
    registry.set('lockstep.rehearsals', count, { 'lockstep.outcome': outcome })
}

/** A verify of all tables and all rows that has ended says so; `nowMs` since 1970. */
export function noteVerify(
  report: VerifyReport,
  settings: Parameters<Lockstep['verify']>[0],
  { registry, nowMs }: { registry: Registry; nowMs: number },
): void {
  if (settings?.tables !== undefined || settings?.sample !== undefined) return
  registry.set('lockstep.verify.time', nowMs / 1000)
  registry.set('lockstep.verify.equal', report.equal && report.problems.length === 0 ? 1 : 0)
}
