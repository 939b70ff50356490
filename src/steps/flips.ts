import type { FlipOptions, FlipReport, Lockstep, Readiness } from '../api.ts'
import { messageOf } from '../core/errors.ts'
import { movePrimary, nothingMoved } from '../cutover/flip.ts'
import { acceptLoss } from '../cutover/loss.ts'
import { refuseUnlessReady } from '../cutover/readiness.ts'
import type { Engine } from '../engine/engine.ts'
import { asFailure } from '../engine/failure.ts'
import { finishSchema } from '../move/follow-schema.ts'
import { requireCopy, requirePair } from '../engine/pair.ts'
import type { PlaceName } from '../place/place.ts'
import type { Journey } from './journey.ts'
import type { Report } from './report.ts'
import type { Routing } from '../traffic/routing.ts'

/**
 * The gates of a move. A process that has just begun cannot know for how long an entry has waited and counts
 * from when the places were last equal, so what is waiting is shipped before a lag stands in the way.
 */
export async function gatesOf(engine: Engine, report: Report): Promise<Readiness> {
  const first = await report.ready()
  const lags = first.gates.some(({ name, ok }) => name === 'lag' && !ok)
  if (!lags || !engine.flags().mirror) return first
  const { primary } = engine.control()
  await engine.shipper.catchUp(primary, AbortSignal.timeout(lagGateMs)).catch(() => undefined)
  return report.ready()
}

/** For how long a move ships what is waiting before its lag is looked at again. */
const lagGateMs = 1000

/** The moves of the primary; `settled` does what follows one. */
export function createFlips(
  engine: Engine,
  { postgres }: Routing,
  { report, settled }: { report: Report; settled: (moved: FlipReport) => Promise<void> },
): Pick<Lockstep, 'flip' | 'rollback'> & Pick<Journey, 'flipFrom'> {
  // The primary has moved, whatever becomes of the rest; the process whose applier leads makes up for it.
  const settle = (moved: FlipReport): Promise<void> =>
    settled(moved).catch((error: unknown) => {
      engine.events.emit('error', { error: asFailure(error) as Error })
    })
  const flip = async (
    to: PlaceName,
    options: FlipOptions = {},
    since?: number,
  ): Promise<FlipReport> => {
    if (to !== 'sqlite' && to !== 'postgres')
      throw new TypeError(`Expected a place, 'sqlite' or 'postgres', not ${String(to)}`)
    await requirePair(engine)
    const control = engine.control()
    const { primary: from } = control
    if (from === to) return nothingMoved(control)
    const { pauseBudgetMs = engine.options.flip.pauseBudgetMs, force = false } = options
    if (!force) refuseUnlessReady(await gatesOf(engine, report))
    const quarantined = await report.quarantined()
    const objection = async (): Promise<string | null> => {
      const unfinished = from === 'sqlite' ? await finishSchema(engine.server, engine.tables) : null
      if (unfinished !== null) return `PostgreSQL cannot have a unique index: ${unfinished}`
      const now = await report.quarantined()
      return now > quarantined && !force
        ? `${now - quarantined} rows went to quarantine while the flip drained`
        : null
    }
    if (to === 'postgres') await postgres.warm()
    const { catchUpTimeoutMs } = engine.options.flip
    const move = { to, pauseBudgetMs, catchUpTimeoutMs, objection, forced: force, since }
    const moved = await movePrimary(engine.cutover(), move).catch((error: unknown) => {
      // Of one that the flag has asked for tells who follows the flag, whether the gates refuse it or this.
      if (since === undefined)
        engine.events.emit('flip-cancelled', { from, to, reason: messageOf(error) })
      throw error
    })
    if (moved.from !== moved.to) await settle(moved)
    return moved
  }
  return {
    flip: (to, options) => flip(to, options),
    flipFrom: (epoch, to) => flip(to, {}, epoch),
    async rollback({ acceptLoss: accept = false, ...options } = {}) {
      if (!accept) return flip('sqlite', options)
      // Where the server is lost another one may stand in its place.
      requireCopy(engine)
      const moved = await acceptLoss(engine.cutover(), options.force === true)
      await settle(moved)
      return moved
    },
  }
}
