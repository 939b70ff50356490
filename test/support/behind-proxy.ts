import type { LockstepOptions } from '../../src/options/options.ts'
import { openFaultProxy, type FaultProxy } from './fault-proxy.ts'
import { openPair, type Pair, type PairSettings } from './pair.ts'
import { createDatabase } from './postgres.ts'

/** A pair whose PostgreSQL is behind a proxy; the pair's own connections go past it. */
export async function openBehindProxy(
  settings: PairSettings & { options: Partial<LockstepOptions> },
): Promise<Pair & { proxy: FaultProxy }> {
  const database = await createDatabase()
  const proxy = await openFaultProxy(database.url)
  const postgres = { connectionString: proxy.url, connectTimeoutMs: 1000 }
  const pair = await openPair({ ...settings, database, options: { postgres, ...settings.options } })
  const close = async (): Promise<void> => {
    proxy.heal()
    await pair.close()
    await proxy.close()
  }
  return { ...pair, proxy, close, [Symbol.asyncDispose]: close }
}
