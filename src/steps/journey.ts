import type { FlipReport, Lockstep, Readiness } from '../api.ts'
import { LockstepError } from '../core/errors.ts'
import { complete, refuseLeftBehind } from '../cutover/complete.ts'
import { refuseUnlessReady } from '../cutover/readiness.ts'
import type { Engine } from '../engine/engine.ts'
import { createBackfillSteps } from './backfilling.ts'
import { tellDriftInCopy } from './drift-in-copy.ts'
import { createFlips, gatesOf } from './flips.ts'
import type { Follower } from '../engine/follow.ts'
import { createDivergenceSteps, createMending, type Mending } from './mending.ts'
import { exportAll } from '../move/export.ts'
import { install, type InstallContext, type Installed } from '../move/install.ts'
import { uninstall } from '../move/uninstall.ts'
import { repair } from '../move/repair.ts'
import { applySchema, planSchema } from '../move/schema.ts'
import { planSync, refuseObstacles } from '../move/sync-schema.ts'
import { requirePair } from '../engine/pair.ts'
import type { PlaceName } from '../place/place.ts'
import { createProofs } from './proving.ts'
import { createRepair } from './repairing.ts'
import type { Routing } from '../traffic/routing.ts'
import { createReport } from './report.ts'
import { markRepaired } from '../sqlite/install.ts'
import { applicationViews } from '../sqlite/views.ts'
import { planStatement } from '../traffic/statement-plan.ts'
import { listStatements } from '../traffic/statements.ts'

type Steps = Pick<
  Lockstep,
  | 'assess'
  | 'backup'
  | 'export'
  | 'install'
  | 'uninstall'
  | 'applySchema'
  | 'planSchema'
  | 'syncSchema'
  | 'backfill'
  | 'throttle'
  | 'verify'
  | 'repair'
  | 'status'
  | 'ready'
  | 'flip'
  | 'rollback'
  | 'complete'
  | 'caughtUp'
  | 'divergences'
  | 'statements'
  | 'statementPlan'
  | 'repairDivergence'
  | 'ignoreDivergence'
>

export interface Journey {
  readonly steps: Steps
  readonly mending: Mending
  /** As `ready`, once what waits has been shipped. */
  gates(): Promise<Readiness>
  /** A flip that is meant for the primary of this epoch: where another one has come before, it moves nothing. */
  flipFrom(epoch: number, to: PlaceName): Promise<FlipReport>
}

/** The steps of the journey, each of which can be run again. */
export function createJourney(engine: Engine, routing: Routing, follower: Follower): Journey {
  const report = createReport(engine, routing)
  const { reach } = engine.options.testing
  const refresh = (): void => {
    engine.reload()
    routing.refresh()
  }
  const installed = async (report: Installed): Promise<void> => {
    refresh()
    await engine.keepFlags()
    for (const table of report.unrepaired) {
      await repair(engine.repairContext(), table)
      await reach('install:table-repaired')
      await engine.writer.write(() => markRepaired(engine.writer.db, table))
    }
  }
  const settled = async (moved: FlipReport): Promise<void> => {
    refresh()
    engine.events.emit('flip', moved)
    await follower.follow()
  }
  const { flipFrom, ...flips } = createFlips(engine, routing, { report, settled })
  const mending = createMending(engine, { ...routing, caughtUp: () => catchUp(engine, 30_000) })
  return {
    mending,
    gates: () => gatesOf(engine, report),
    flipFrom,
    steps: {
      status: () => report.status(),
      ready: () => report.ready(),
      assess: (settings) => assessOpen(engine, settings),
      ...createProofs(engine),
      export: (settings) => exportOpen(engine, settings),
      ...flips,
      ...createInstallSteps(engine, { installed, refresh }),
      async statements(settings) {
        engine.requireInstalled()
        return listStatements(routing.registry, settings)
      },
      async statementPlan({ fingerprint }) {
        engine.requireInstalled()
        return planStatement(engine, routing, fingerprint)
      },
      ...createDivergenceSteps(engine, routing.divergences, mending),
      ...createSchemaSteps(engine, installed),
      ...createBackfillSteps(engine),
      repair: createRepair(engine, {
        syncSchema: async () => void (await syncSchema(engine, true, installed)),
        caughtUp: () => catchUp(engine, 30_000),
      }),
      async complete({ force = false } = {}) {
        engine.requireInstalled()
        if (!engine.control().completed) {
          await requirePair(engine)
          if (!force) {
            refuseUnlessReady(await gatesOf(engine, report))
            await refuseLeftBehind(engine.server)
          }
        }
        await complete(engine.cutover(), engine.options.flip.catchUpTimeoutMs)
        refresh()
      },
      caughtUp: ({ timeoutMs = 30_000 } = {}) => catchUp(engine, timeoutMs),
    },
  }
}

async function assessOpen(
  engine: Engine,
  settings: Parameters<Steps['assess']>[0],
): ReturnType<Steps['assess']> {
  // An application seldom asks, and need not load a parser of programs.
  const { assessPlaces } = await import('./assess.ts')
  const { server, options } = engine
  const db = engine.file.openReader()
  try {
    return await assessPlaces({ db, server, options }, settings)
  } finally {
    db.close()
  }
}

interface InstallHooks {
  /** What comes behind an install. */
  readonly installed: (report: Installed) => Promise<void>
  readonly refresh: () => void
}

function installContext({ file, writer, server, options }: Engine): InstallContext {
  return { file, writer, server, columns: options.columns, reach: options.testing.reach }
}

function createSchemaSteps(
  engine: Engine,
  installed: InstallHooks['installed'],
): Pick<Steps, 'planSchema' | 'applySchema' | 'syncSchema'> {
  return {
    async planSchema() {
      engine.requireInstalled()
      return planSchema(schemaToMake(engine), engine.server.schema)
    },
    async applySchema() {
      engine.requireInstalled()
      await engine.checkPairAgain()
      await engine.followSchema()
      const { reach } = engine.options.testing
      return applySchema(engine.server, schemaToMake(engine), engine.control().primary, reach)
    },
    syncSchema: ({ apply = false } = {}) => syncSchema(engine, apply, installed),
  }
}

function schemaToMake({ tables, file }: Engine): Parameters<typeof planSchema>[0] {
  return { tables, views: applicationViews(file.reader) }
}

async function syncSchema(
  engine: Engine,
  apply: boolean,
  installed: InstallHooks['installed'],
): ReturnType<Steps['syncSchema']> {
  engine.requireInstalled()
  await engine.checkPairAgain()
  await engine.followSchema()
  const context = installContext(engine)
  const { report, besides } = await tellDriftInCopy(engine, () => planSync(context))
  if (!apply) return report
  refuseObstacles(report.obstacles)
  if (report.statements.length + report.sqlite.length > 0)
    await installed(await install(context, besides))
  return { ...report, applied: true }
}

function createInstallSteps(
  engine: Engine,
  { installed, refresh }: InstallHooks,
): Pick<Steps, 'install' | 'uninstall'> {
  const context = installContext(engine)
  return {
    async install() {
      const report = await install(context)
      await installed(report)
      const { tables, findings } = report
      return { tables: tables.map(({ name }) => name), findings: [...findings] }
    },
    async uninstall({ force = false } = {}) {
      if (!force) refuseWhileOnPostgres(engine)
      await engine.applier.stop()
      await uninstall(context, force)
      refresh()
      if (engine.options.applier.enabled) engine.applier.start()
    },
  }
}

/** What it reads is a snapshot of its own. */
async function exportOpen(
  { file, server }: Engine,
  settings: Parameters<Steps['export']>[0],
): ReturnType<Steps['export']> {
  const db = file.openReader()
  try {
    return await exportAll({ db, server }, settings)
  } finally {
    db.close()
  }
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
