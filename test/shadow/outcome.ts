import { expect, vi } from 'vitest'
import type { Params } from '../../src/api.ts'
import { fingerprintOf } from '../../src/sql/overrides/fingerprint.ts'
import type { Pair } from '../support/pair.ts'

/** How the shadow read has ended of a statement that is run for the first time. */
export async function outcomeOf({ db }: Pair, sql: string, params: Params = []): Promise<string> {
  await db.all(sql, params)
  return await vi.waitFor(
    async () => {
      const listed = await db.statements({ limit: 10_000 })
      const found = listed.find(({ fingerprint }) => fingerprint === fingerprintOf(sql))
      const ended = Object.entries(found?.comparisons ?? {}).find(([, count]) => count > 0)
      expect(ended).toBeDefined()
      return ended?.[0] ?? ''
    },
    { timeout: 20_000 },
  )
}
