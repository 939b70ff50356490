import type { Gate, Readiness } from '../api.ts'
import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'
import { readControl } from '../postgres/control.ts'
import { isShutOut } from '../postgres/errors.ts'
import { countOrphans } from '../sqlite/orphans.ts'
import { carriedGates, generatedGate, type CarriedContext } from './carried-gates.ts'
import { evidenceGates, type Evidence, type GateBounds } from './evidence-gates.ts'
import { gate } from './gate.ts'

/** What the gates look at; figures are read when `ready` is called. */
export interface ReadinessContext extends CarriedContext {
  readonly mirror: boolean
  readonly backfilled: boolean
  readonly lag: { readonly entries: number; readonly ms: number }
  readonly bounds: GateBounds
  /** Why nothing goes over. */
  readonly standstill: string | null
  readonly quarantine: () => Promise<number>
  /** Throws SCHEMA_DRIFT, or POSTGRES_DENIED. */
  readonly drift: () => Promise<void>
  readonly evidence: (bounds: GateBounds) => Promise<Evidence>
}

/**
 * Every gate of a flip away from the present primary, with its figure.
 * @throws LockstepError NOT_INSTALLED where PostgreSQL has none of Lockstep's tables
 */
export async function readiness(context: ReadinessContext): Promise<Readiness> {
  const postgres = await postgresGate(context)
  const gates = [
    postgres,
    gate('mirror', context.mirror, true, 'the flag mirror keeps the secondary up to date'),
    gate('backfill', context.backfilled, true, 'PostgreSQL has been equal to SQLite once'),
    await driftGate(context),
    lagGate(context),
    ...(postgres.ok ? [await quarantineGate(context), ...(await carriedGates(context))] : []),
    await orphansGate(context),
    generatedGate(context),
    // Going back must not wait for what is known of PostgreSQL: it may be the reason to go.
    ...(context.primary === 'sqlite'
      ? evidenceGates(await context.evidence(context.bounds), context.bounds)
      : []),
  ]
  return { ready: gates.every(({ ok }) => ok), gates }
}

/**
 * @param step of which nothing can be forced
 * @throws LockstepError GATE_REFUSED naming each gate that does not hold
 */
export function refuseUnlessReady({ gates }: Pick<Readiness, 'gates'>, step?: 'advance'): void {
  const failed = gates.filter(({ ok }) => !ok)
  if (failed.length === 0) return
  const wayOut = step === undefined ? 'Mend it, or go on all the same with force' : 'Mend it first'
  throw new LockstepError(
    'GATE_REFUSED',
    `Not ready: ${failed.map(refusalOf).join('; ')}. ${wayOut}`,
    { details: { gates: failed, ...(step === undefined ? {} : { step }) } },
  )
}

/** A bound that is a number is the most that may be. */
function refusalOf({ name, value, bound, detail }: Gate): string {
  const most = typeof bound === 'number' && bound > 0 ? 'at most ' : ''
  return `${name} is ${value}, must be ${most}${bound} (${detail})`
}

async function postgresGate({ server }: ReadinessContext): Promise<Gate> {
  const detail = 'PostgreSQL answers'
  try {
    await readControl(server.control)
    return gate('postgres', true, true, detail)
  } catch (error) {
    if (!isShutOut(error)) throw error
    return gate('postgres', false, true, messageOf(error))
  }
}

async function driftGate({ drift }: ReadinessContext): Promise<Gate> {
  try {
    await drift()
    return gate('schema', true, true, 'both schemas are those that were installed')
  } catch (error) {
    // The gate postgres says so.
    if (isShutOut(error)) return gate('schema', true, true, 'SQLite has the one installed')
    const isTold =
      isLockstepError(error, 'SCHEMA_DRIFT') || isLockstepError(error, 'POSTGRES_DENIED')
    if (!isTold) throw error
    return gate('schema', false, true, error.message)
  }
}

function lagGate({ lag, bounds: { maxLagMs }, standstill }: ReadinessContext): Gate {
  const detail = `${lag.entries} journal entries are waiting${standstill === null ? '' : `: ${standstill}`}`
  return gate('lag', Math.round(lag.ms), maxLagMs, detail, lag.ms <= maxLagMs)
}

async function quarantineGate({ quarantine, bounds }: ReadinessContext): Promise<Gate> {
  const rows = await quarantine()
  const { maxQuarantined } = bounds
  const detail = 'rows that the secondary cannot hold'
  return gate('quarantine', rows, maxQuarantined, detail, rows <= maxQuarantined)
}

/** The flip adds the foreign keys; a row without its parent would stand in their way. */
async function orphansGate(context: ReadinessContext): Promise<Gate> {
  const { openReader, tables, primary, foreignKeys } = context
  if (primary === 'postgres' || !foreignKeys)
    return gate('orphans', 0, 0, 'no foreign keys are added')
  const reader = openReader()
  try {
    const orphans = await countOrphans(reader, tables)
    return gate(
      'orphans',
      orphans,
      0,
      'rows that refer to a parent that is not there (PRAGMA foreign_key_check)',
    )
  } finally {
    reader.close()
  }
}
