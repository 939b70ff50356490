import type { Lockstep } from '../api.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import type { Plans } from './plans.ts'
import type { Router } from './router.ts'

/** What lies beneath an open database, for adapters whose interface asks for more than its calls give. */
export interface Beneath {
  readonly file: SqliteFile
  readonly plans: Plans
  readonly router: Router
  readonly safeIntegers: boolean
  readonly busyTimeoutMs: number
  readonly isInstalled: () => boolean
}

const known = new WeakMap<object, Beneath>()

/** Remembers it for as long as the database is there. */
export function layBeneath<T extends Lockstep>(db: T, beneath: Beneath): T {
  known.set(db, beneath)
  return db
}

/** @throws TypeError for anything but what `createLockstep()` resolves with */
export function findBeneath(db: Lockstep): Beneath {
  const beneath = typeof db === 'object' && db !== null ? known.get(db) : undefined
  if (beneath !== undefined) return beneath
  throw new TypeError(
    'Expected the first argument to be what createLockstep() resolves with: await it first',
  )
}
