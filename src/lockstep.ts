import type { Lockstep, LockstepEvents } from './api.ts'
import { resolveOptions, type LockstepOptions } from './options.ts'
import { Engine } from './engine.ts'
import { createJourney } from './journey.ts'
import { createRouting } from './routing.ts'
import { openFlags } from './flags.ts'
import { createQueryable, runTransaction } from './route/transaction.ts'
import { createMonitor } from './monitor.ts'

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
    const journey = createJourney(engine, routing)
    const flags = await openFlags(engine, journey)
    const monitor = createMonitor(engine, routing)
    engine.applier.start()
    engine.compactor.start()

    const call: Parameters<typeof createQueryable>[0] = (method, sql, args) =>
      routing.router.call(method, sql, args)
    const queries = createQueryable(call, (script) => routing.router.exec(script))
    let closing: Promise<void> | undefined
    const close = (): Promise<void> =>
      (closing ??= (async () => {
        monitor.stop()
        await routing.shadow.stop()
        await flags.close()
        await engine.close()
      })())

    return {
      ...queries,
      transaction: (work, options) => runTransaction(routing, work, options),
      batch: (statements) => routing.transactionOf(statements),
      session: ({ key }, work) => routing.sessions.run(key ?? null, work),
      ...journey.steps,
      flags: () => flags.current(),
      setFlags: (patch) => flags.set(patch),
      on: <E extends keyof LockstepEvents>(event: E, listener: (data: LockstepEvents[E]) => void) =>
        engine.events.on(event, listener),
      close,
      [Symbol.asyncDispose]: close,
    } satisfies Lockstep
  } catch (error) {
    await engine.close()
    throw error
  }
}
