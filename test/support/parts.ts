import type { Lockstep, Queryable } from '../../src/api.ts'
import { Engine } from '../../src/engine/engine.ts'
import { resolveOptions, type LockstepOptions } from '../../src/options/options.ts'
import { Router, type RouterOptions } from '../../src/route/router.ts'
import { defaultFlags, mergeFlags, type FlagsPatch } from '../../src/route/flags.ts'
import { runScript } from '../../src/route/script.ts'
import { createQueryable, runTransaction } from '../../src/route/transaction.ts'
import { createRouting, type Routing } from '../../src/traffic/routing.ts'

/** An application put together by hand, so that a test can leave one of its parts out. */
export interface Parts extends Queryable, AsyncDisposable {
  readonly engine: Engine
  readonly routing: Routing
  readonly router: Router
  readonly transaction: Lockstep['transaction']
  readonly session: Lockstep['session']
  /** One read on one place, with nobody who would read elsewhere when it fails. */
  readOn(place: 'sqlite' | 'postgres', sql: string): Promise<unknown>
  close(): Promise<void>
}

export interface PartsSettings {
  readonly path: string
  readonly url: string
  readonly flags?: FlagsPatch
  readonly options?: Partial<LockstepOptions>
  /** What takes the place of the library's own; the rest is as in createLockstep. */
  readonly replace: (engine: Engine, routing: Routing) => Partial<RouterOptions>
}

/** Neither applies nor settles anything, and confirms no write unless a part that is given does. */
export async function openParts({
  path,
  url,
  flags = {},
  options = {},
  replace,
}: PartsSettings): Promise<Parts> {
  const engine = new Engine(
    resolveOptions({
      sqlite: { path },
      postgres: { connectionString: url },
      ...options,
      applier: { ...options.applier, enabled: false },
    }),
  )
  const inForce = mergeFlags(defaultFlags, flags)
  engine.flags = () => inForce
  await engine.start()
  const routing = createRouting(engine)
  const router = new Router({
    ...routing,
    flags: () => inForce,
    consistency: { refuses: async () => null },
    acknowledge: async () => undefined,
    quarantined: () => 0n,
    random: Math.random,
    onFallback: () => undefined,
    reach: () => undefined,
    observe: () => undefined,
    refuseOrphan: () => undefined,
    reads: () => inForce.reads,
    maxHeldMs: engine.options.writes.maxHeldMs,
    changeSchema: () => Promise.reject(new Error('The schema stays as it is here')),
    ...replace(engine, routing),
  })
  const close = async (): Promise<void> => {
    await routing.shadowing.close()
    await routing.registry.close()
    await routing.sharedHealth.close()
    routing.divergences.close()
    await engine.close()
  }
  return {
    ...createQueryable(
      (method, sql, args) => router.call(method, sql, args),
      (script) => runScript(script, { ...routing, router }),
    ),
    engine,
    routing,
    router,
    transaction: (work, settings) => runTransaction({ ...routing, router }, work, settings),
    session: (options, work) => routing.sessions.run(options, work),
    readOn: (place, sql) =>
      place === 'sqlite'
        ? routing.sqlite.read('get', sql, [])
        : routing.postgres.read('get', routing.plans.of(sql).postgres(), []),
    close,
    [Symbol.asyncDispose]: close,
  }
}
