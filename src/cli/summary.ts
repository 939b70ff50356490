import type { Status } from '../api.ts'

/** One line: what the move is doing, what it waits for and why. */
export function summaryOf(status: Status): string {
  if (!status.installed) return 'nothing is installed: run `lockstep install`'
  if (status.stage === 'complete') return 'done: PostgreSQL goes on alone'
  return standstillOf(status) ?? mirroring(status)
}

/** Why nothing goes over at the moment, or null. */
function standstillOf(status: Status): string | null {
  const { state, postgres, backfilled, flags, breaker, lag, standstill } = status
  const waiting = `${lag.entries} entries wait in the journal`
  if (state === 'draining' || state === 'committing')
    return `flip under way (${state}): writes are held`
  if (!postgres.reachable) return `waits for PostgreSQL, which does not answer; ${waiting}`
  if (!backfilled)
    return standstill === null
      ? 'waits for the copy: run `lockstep backfill`'
      : `the copy cannot go on: ${standstill}`
  if (!flags.mirror) return `mirror is off by its flag; ${waiting}`
  if (standstill !== null) return `stands still: ${standstill}; ${waiting}`
  return breaker === 'open' ? `rests after a failure of the secondary; ${waiting}` : null
}

function mirroring(status: Status): string {
  const { primary, lag, quarantine, divergences, divergentWrites, flagsUnmet } = status
  const way = primary === 'sqlite' ? 'sqlite to postgres' : 'postgres to sqlite'
  const behind =
    lag.entries === 0 ? 'nothing waits' : `${lag.entries} entries behind, for ${seconds(lag.ms)}`
  const waits = [
    ...(quarantine === 0 ? [] : [`${quarantine} rows in quarantine`]),
    ...(divergences === 0 ? [] : [`${divergences} divergences`]),
    ...(divergentWrites === 0 ? [] : [`${divergentWrites} writes that differ`]),
    ...(flagsUnmet === null ? [] : ['a flag that nothing followed']),
  ]
  const flip = waits.length === 0 ? '' : `; a flip waits for ${waits.join(' and ')}`
  return `mirrors ${way}: ${behind}${flip}`
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
