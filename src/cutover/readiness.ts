import type { Gate, Readiness } from '../api.ts'
import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import { readControl } from '../postgres/control.ts'
import { applicationTriggers } from '../postgres/install.ts'
import { isUnreachable } from '../postgres/errors.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { Table } from '../schema/model.ts'
import { catalogOf } from '../schema/catalog.ts'
import { postgresTriggerNames } from '../schema/trigger-names.ts'
import { uncarriedViews } from '../sql/uncarried-views.ts'
import type { Connection } from '../sqlite/connection.ts'
import { countOrphans } from '../sqlite/orphans.ts'
import { applicationViews } from '../sqlite/views.ts'
import { evidenceGates, type Evidence, type GateBounds } from './evidence-gates.ts'
import { gate } from './gate.ts'

/** What the gates look at; figures are read when `ready` is called. */
export interface ReadinessContext {
  readonly server: PostgresServer
  /** A connection for one look of its own. */
  readonly openReader: () => Connection
  readonly tables: readonly Table[]
  readonly primary: PlaceName
  readonly mirror: boolean
  readonly backfilled: boolean
  readonly foreignKeys: boolean
  readonly lag: { readonly entries: number; readonly ms: number }
  readonly bounds: GateBounds
  readonly applier: { readonly reason: string | null }
  readonly quarantine: () => Promise<number>
  /** Throws SCHEMA_DRIFT. */
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
    ...(postgres.ok ? [await quarantineGate(context), await triggersGate(context)] : []),
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
    `Not ready: ${failed.map(({ name, value, bound, detail }) => `${name} is ${value}, must be ${bound} (${detail})`).join('; ')}. ` +
      wayOut,
    { details: { gates: failed, ...(step === undefined ? {} : { step }) } },
  )
}

async function postgresGate({ server }: ReadinessContext): Promise<Gate> {
  const detail = 'PostgreSQL answers'
  try {
    await readControl(server.control)
    return gate('postgres', true, true, detail)
  } catch (error) {
    if (!isUnreachable(error)) throw error
    return gate('postgres', false, true, messageOf(error))
  }
}

async function driftGate({ drift }: ReadinessContext): Promise<Gate> {
  try {
    await drift()
    return gate('schema', true, true, 'both schemas are those that were installed')
  } catch (error) {
    // The gate postgres says so.
    if (isUnreachable(error)) return gate('schema', true, true, 'SQLite has the one installed')
    if (!isLockstepError(error, 'SCHEMA_DRIFT')) throw error
    return gate('schema', false, true, error.message)
  }
}

function lagGate({ lag, bounds: { maxLagMs }, applier }: ReadinessContext): Gate {
  const detail = `${lag.entries} journal entries are waiting${applier.reason === null ? '' : `: ${applier.reason}`}`
  return gate('lag', Math.round(lag.ms), maxLagMs, detail, lag.ms <= maxLagMs)
}

async function quarantineGate({ quarantine, bounds }: ReadinessContext): Promise<Gate> {
  const rows = await quarantine()
  const { maxQuarantined } = bounds
  const detail = 'rows that the secondary cannot hold'
  return gate('quarantine', rows, maxQuarantined, detail, rows <= maxQuarantined)
}

/**
 * A trigger of the application works on PostgreSQL only where its twin is there: carried over, or made by someone. Those of
 * views come with the statements that write them, where these can be translated.
 */
async function triggersGate(context: ReadinessContext): Promise<Gate> {
  const { server, tables, primary } = context
  if (primary === 'postgres') return gate('triggers', 0, 0, 'SQLite has its own triggers')
  const theirs = await applicationTriggers(server.control, server.schema)
  const twins = new Set(theirs.map(({ tbl, name }) => `${tbl.toLowerCase()} ${name.toLowerCase()}`))
  const missing = tables.flatMap((table) => {
    const names = postgresTriggerNames(table.triggers)
    const has = (name: string): boolean =>
      twins.has(`${table.name.toLowerCase()} ${name.toLowerCase()}`)
    return table.triggers.flatMap(({ name }) =>
      has(name) || has(names.get(name) ?? name) ? [] : name,
    )
  })
  const views = unwritableViews(context)
  const details = [
    ...(missing.length === 0
      ? []
      : [`without a twin on PostgreSQL: ${missing.toSorted().join(', ')}`]),
    ...(views.length === 0
      ? []
      : [`views whose triggers have no form there: ${views.toSorted().join(', ')}`]),
  ]
  const detail =
    details.length === 0 ? 'every trigger has a twin of its name on PostgreSQL' : details.join('; ')
  return gate('triggers', missing.length + views.length, 0, detail)
}

function unwritableViews({ openReader, tables, foreignKeys }: ReadinessContext): string[] {
  const reader = openReader()
  try {
    const catalog = catalogOf({ version: 0, tables, foreignKeys })
    return uncarriedViews(catalog, applicationViews(reader))
  } finally {
    reader.close()
  }
}

/** What PostgreSQL does not compute is a plain column there: rows written there would not have it. */
function generatedGate({ tables, primary }: ReadinessContext): Gate {
  const columns = tables.flatMap((table) =>
    table.columns
      .filter(({ generated, computed }) => generated && computed !== true)
      .map(({ name }) => `${table.name}.${name}`),
  )
  if (primary === 'postgres') return gate('generated', 0, 0, 'SQLite computes them')
  const detail =
    columns.length === 0
      ? 'PostgreSQL computes every generated column'
      : `PostgreSQL does not compute ${columns.join(', ')}`
  return gate('generated', columns.length, 0, detail)
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
