import type { BackfillReport, FlipOptions, FlipReport, Lockstep, Readiness } from './api.ts'
import { LockstepError } from './core/errors.ts'
import { complete } from './cutover/complete.ts'
import { movePrimary, nothingMoved } from './cutover/flip.ts'
import { acceptLoss } from './cutover/loss.ts'
import { refuseUnlessReady } from './cutover/readiness.ts'
import type { Engine } from './engine.ts'
import type { Follower } from './follow.ts'
import { finishSchema } from './move/follow-schema.ts'
import { backfill, type BackfillContext } from './move/backfill.ts'
import { backup } from './move/backup.ts'
import { exportAll } from './move/export.ts'
import { install, uninstall, type InstallContext } from './move/install.ts'
import { repair } from './move/repair.ts'
import { applySchema, planSchema } from './move/schema.ts'
import type { PostgresSession } from './postgres/session.ts'
import { tablesToVerify, verify } from './move/verify.ts'
import type { PlaceName } from './place/place.ts'
import type { Routing } from './routing.ts'
import { createReport, type Report } from './report.ts'
import type { Finding } from './schema/model.ts'
import { markRepaired } from './sqlite/install.ts'
import { toKey } from './values/key.ts'

type Steps = Pick<
  Lockstep,
  | 'assess'
  | 'backup'
  | 'export'
  | 'install'
  | 'uninstall'
  | 'applySchema'
  | 'planSchema'
  | 'backfill'
  | 'verify'
  | 'repair'
  | 'status'
  | 'ready'
  | 'flip'
  | 'rollback'
  | 'complete'
  | 'caughtUp'
>

export interface Journey {
  readonly steps: Steps
}

/** The steps of the journey, each of which can be run again. */
export function createJourney(engine: Engine, routing: Routing, follower: Follower): Journey {
  const report = createReport(engine, routing)
  const { reach } = engine.options.testing
  const refresh = (): void => {
    engine.reload()
    routing.refresh()
  }
  const settled = async (moved: FlipReport): Promise<void> => {
    refresh()
    engine.events.emit('flip', moved)
    await follower.follow()
  }
  return {
    steps: {
      status: () => report.status(),
      ready: () => report.ready(),
      async assess(settings) {
        // An application seldom asks, and need not load a parser of programs.
        const { assessPlaces } = await import('./assess.ts')
        const { server, options } = engine
        return assessPlaces({ db: engine.file.reader, server, options }, settings)
      },
      ...createCopies(engine),
      ...createFlips(engine, routing, { report, settled }),
      ...createInstallSteps(engine, refresh),
      async planSchema() {
        engine.requireInstalled()
        return planSchema(engine.tables, engine.server.schema)
      },
      async applySchema() {
        engine.requireInstalled()
        await engine.checkPairAgain()
        await engine.followSchema()
        return applySchema(engine.server, engine.tables, engine.control().primary, reach)
      },
      async backfill({ onProgress = () => undefined, signal } = {}) {
        engine.requireInstalled()
        await engine.checkPairAgain()
        await engine.followSchema()
        return runBackfill(engine, onProgress, signal)
      },
      async verify(settings = {}) {
        await requirePair(engine)
        // A server that was lost may be back and not yet be taken for the secondary.
        await engine.recover()
        await engine.checkDrift()
        const context = {
          server: engine.server,
          file: engine.file,
          createShipper: (session: PostgresSession) => engine.createShipper(session),
          primary: () => engine.control().primary,
        }
        return verify(context, tablesToVerify(engine.tables, settings.tables), settings)
      },
      async repair({ table: name, keys }) {
        await requirePair(engine)
        const [table] = tablesToVerify(engine.tables, [name])
        if (table === undefined) throw new TypeError('Expected a table name')
        return repair(engine.repairContext(), table, keys?.map(toKey))
      },
      async complete({ force = false } = {}) {
        engine.requireInstalled()
        if (!engine.control().completed) {
          await requirePair(engine)
          if (!force) refuseUnlessReady(await gatesOf(engine, report))
        }
        await complete(engine.cutover(), engine.options.flip.catchUpTimeoutMs)
        refresh()
      },
      caughtUp: ({ timeoutMs = 30_000 } = {}) => catchUp(engine, timeoutMs),
    },
  }
}

function createInstallSteps(
  engine: Engine,
  refresh: () => void,
): Pick<Steps, 'install' | 'uninstall'> {
  const { file, writer, server, options } = engine
  const { reach } = options.testing
  const context: InstallContext = { file, writer, server, columns: options.columns, reach }
  return {
    async install() {
      const { tables, findings, unrepaired } = await install(context)
      refresh()
      await engine.keepFlags()
      for (const table of unrepaired) {
        await repair(engine.repairContext(), table)
        await reach('install:table-repaired')
        await writer.write(() => markRepaired(writer.db, table))
      }
      return { tables: tables.map(({ name }) => name), findings: [...findings] }
    },
    async uninstall({ force = false } = {}) {
      if (!force) refuseWhileOnPostgres(engine)
      await engine.applier.stop()
      await uninstall(context)
      refresh()
      if (options.applier.enabled) engine.applier.start()
    },
  }
}

/** Copies for keeping; what each of them reads is a snapshot of its own. */
function createCopies({ file, server, options }: Engine): Pick<Steps, 'backup' | 'export'> {
  const { busyTimeoutMs } = options.sqlite
  return {
    backup: (settings) => backup({ path: file.path, busyTimeoutMs, server }, settings),
    async export(settings) {
      const db = file.openReader()
      try {
        return await exportAll({ db, server }, settings)
      } finally {
        db.close()
      }
    },
  }
}

async function runBackfill(
  engine: Engine,
  onProgress: BackfillContext['onProgress'],
  signal: AbortSignal | undefined,
): Promise<BackfillReport> {
  const { file, writer, server, shipper, tables, options } = engine
  const { reach } = options.testing
  const findings: Finding[] = []
  const onFindings = (found: readonly Finding[]): void => void findings.push(...found)
  const report = await backfill({
    file,
    writer,
    server,
    shipper,
    tables,
    reach,
    signal,
    onProgress,
    onFindings,
  })
  engine.applier.kick()
  return { ...report, findings }
}

async function catchUp(engine: Engine, timeoutMs: number): Promise<void> {
  await requirePair(engine)
  // What the router knows of the primary may be a moment old.
  const { primary } = engine.control()
  const token = await engine.newestToken(primary)
  engine.applier.wake()
  if (await engine.progress[primary].wait(token, timeoutMs)) return
  const { reason } = engine.applier.status
  throw new LockstepError(
    'CAUGHT_UP_TIMEOUT',
    `The secondary did not catch up in ${timeoutMs} ms${reason === null ? '' : `: ${reason}`}`,
    { details: { timeoutMs } },
  )
}

/**
 * The gates of a move. A process that has just begun cannot know for how long an entry has waited and counts
 * from when the places were last equal, so what is waiting is shipped before a lag stands in the way.
 */
async function gatesOf(engine: Engine, report: Report): Promise<Readiness> {
  const first = await report.ready()
  const lags = first.gates.some(({ name, ok }) => name === 'lag' && !ok)
  if (!lags || !engine.flags().mirror) return first
  const { primary } = engine.control()
  await engine.shipper.catchUp(primary, AbortSignal.timeout(lagGateMs)).catch(() => undefined)
  return report.ready()
}

/** For how long a move ships what is waiting before its lag is looked at again. */
const lagGateMs = 1000

function createFlips(
  engine: Engine,
  { postgres }: Routing,
  { report, settled }: { report: Report; settled: (moved: FlipReport) => Promise<void> },
): Pick<Steps, 'flip' | 'rollback'> {
  const flip = async (to: PlaceName, options: FlipOptions = {}): Promise<FlipReport> => {
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
    const move = { to, pauseBudgetMs, catchUpTimeoutMs, objection, forced: force }
    const moved = await movePrimary(engine.cutover(), move).catch((error: unknown) => {
      engine.events.emit('flip-cancelled', {
        from,
        to,
        reason: error instanceof Error ? error.message : String(error),
      })
      throw error
    })
    if (moved.from !== moved.to) await settled(moved)
    return moved
  }
  return {
    flip,
    async rollback({ acceptLoss: accept = false, ...options } = {}) {
      if (!accept) return flip('sqlite', options)
      // Where the server is lost another one may stand in its place.
      requireCopy(engine)
      const moved = await acceptLoss(engine.cutover())
      await settled(moved)
      return moved
    },
  }
}

function requireCopy(engine: Engine): void {
  engine.requireInstalled()
  const { backfilled, completed } = engine.control()
  if (completed)
    throw new LockstepError('GATE_REFUSED', 'The migration is complete: PostgreSQL goes on alone')
  if (!backfilled)
    throw new LockstepError(
      'BACKFILL_INCOMPLETE',
      'PostgreSQL does not hold the data yet: run `lockstep backfill` (db.backfill()) to its end first',
    )
}

/** The same, and the server that answers is the one that holds the copy. */
async function requirePair(engine: Engine): Promise<void> {
  requireCopy(engine)
  await engine.checkPairAgain()
}

/** Without its fence the SQLite file would take writes again, as if it were not a copy. */
function refuseWhileOnPostgres(engine: Engine): void {
  if (!engine.installed) return
  const { primary, completed } = engine.control()
  if (primary === 'sqlite' || completed) return
  throw new LockstepError(
    'GATE_REFUSED',
    'PostgreSQL is the primary, and the SQLite file would lose the fence that says so. Roll back first, or complete the migration; `force` goes on all the same',
  )
}
