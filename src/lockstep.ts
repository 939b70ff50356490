import { createAdvance } from './steps/advance.ts'
import { startAutopilot } from './steps/autopilot.ts'
import type { Lockstep, LockstepEvents, SessionHandle, SessionOptions } from './api.ts'
import { resolveOptions, type LockstepOptions } from './options/options.ts'
import { Engine } from './engine/engine.ts'
import { createFollower } from './engine/follow.ts'
import { setFlags } from './steps/flag-tables.ts'
import { createJourney } from './steps/journey.ts'
import { createRouting, type Routing } from './traffic/routing.ts'
import { openFlags } from './steps/flags.ts'
import { layBeneath } from './route/beneath.ts'
import { runScript } from './route/script.ts'
import { createQueryable, runTransaction } from './route/transaction.ts'
import { createMonitor } from './steps/monitor.ts'
import { createRecords } from './engine/records.ts'
import { guardEach } from './core/guard.ts'
import { asFailure, failEach } from './engine/failure.ts'
import { checkEach, checkEvent } from './options/misuse.ts'

/**
 * Opens an application's database through Lockstep. Before `install` it is a plain client of the SQLite
 * file; afterwards it keeps the two places equal and sends each statement to the one that should run it.
 *
 * @throws LockstepError CONFIG_INVALID, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOTADB, NOT_WAL,
 *   PAIR_MISMATCH, FLAGS_INVALID; and POSTGRES_UNREACHABLE as long as nothing is installed: once it is,
 *   an application starts and writes to SQLite while PostgreSQL is away.
 */
export async function createLockstep(raw: LockstepOptions): Promise<Lockstep> {
  const engine = new Engine(resolveOptions(raw))
  try {
    await engine.start()
    const routing = createRouting(engine)
    const follower = createFollower(engine)
    const journey = createJourney(engine, routing, follower)
    const flags = await openFlags(engine, journey)
    routing.sessions.follow(flags.keyed)
    const steps = { ...journey.steps, advance: createAdvance(engine, journey, flags) }
    const monitor = createMonitor(engine, routing, follower)
    const autopilot = startAutopilot(engine, routing, { flags, ...steps })
    if (engine.options.applier.enabled) engine.applier.start()
    engine.compactor.start()
    journey.mending.start()
    routing.registry.start()
    routing.sharedHealth.start()
    engine.telemetry.start(journey.steps.status)

    const { closing } = routing
    const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
      closing.check()
      return work().catch(closing.rethrow)
    }
    const queries = createQueryable(
      (method, sql, args) => routing.router.call(method, sql, args),
      (script) => whileOpen(() => runScript(script, routing)),
    )
    let closed: Promise<void> | undefined
    const close = (): Promise<void> =>
      (closed ??= (async () => {
        closing.begin()
        monitor.stop()
        autopilot.stop()
        journey.mending.stop()
        await routing.shadowing.close()
        await routing.rehearsing.close()
        await routing.registry.close()
        await routing.sharedHealth.close()
        routing.divergences.close()
        await flags.close()
        await engine.close()
      })())

    const db = {
      ...queries,
      transaction: (work, options) => whileOpen(() => runTransaction(routing, work, options)),
      session: (options, work) => runSession(routing, options, work),
      ...guardEach(whileOpen, {
        batch: (statements: Parameters<Lockstep['batch']>[0]) => routing.transactionOf(statements),
        setFlags: (patch: Parameters<Lockstep['setFlags']>[0]) => setFlags(engine, flags, patch),
        metrics: () => engine.telemetry.prometheus(),
        ...failEach(checkEach({ ...steps, ...createRecords(engine) })),
      }),
      flags: () => flags.current(),
      on: <E extends keyof LockstepEvents>(
        event: E,
        listener: (data: LockstepEvents[E]) => void,
      ) => {
        checkEvent(event)
        return engine.events.on(event, listener)
      },
      close,
      [Symbol.asyncDispose]: close,
    } satisfies Lockstep
    return layBeneath(db, beneathOf(engine, routing))
  } catch (error) {
    await engine.close()
    throw asFailure(error)
  }
}

function beneathOf(
  { file, options }: Engine,
  { plans, router, isInstalled }: Routing,
): Parameters<typeof layBeneath>[1] {
  return { file, plans, router, isInstalled, ...options.sqlite }
}

/** Checks what JavaScript callers may get wrong, before anything runs. */
async function runSession<T>(
  { sessions }: Routing,
  options: SessionOptions,
  work: (session: SessionHandle) => Promise<T>,
): Promise<T> {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      "Expected the first argument of session to be an object, such as { key: 'tenant-7' }",
    )
  for (const name of ['key', 'token'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'string')
      throw new TypeError(`Expected the ${name} of a session to be a string`)
  if (typeof work !== 'function')
    throw new TypeError('Expected the second argument of session to be an async function')
  return sessions.run(options, work)
}
