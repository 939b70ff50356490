import { expect, vi } from 'vitest'
import type { Lockstep } from '../../src/index.ts'

/** Everything has been shipped, and the applier looks for more. */
export async function settled(db: Lockstep): Promise<void> {
  await db.caughtUp()
  await vi.waitFor(async () => {
    expect((await db.status()).applier.state).toBe('idle')
  })
}
