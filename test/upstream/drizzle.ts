import type { Lockstep } from '../../src/api.ts'
import { openLockstep } from './open.ts'

/** Stands where drizzle's suite imports libsql and drizzle's driver of it, the asynchronous one that it has for files. */
export { drizzle, migrate } from '../../src/adapters/drizzle/index.ts'

const client: Lockstep = await openLockstep()

export function createClient(): Lockstep {
  return client
}
