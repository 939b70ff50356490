import type { Lockstep } from '../api.ts'

/** Whether this is what `createLockstep()` resolves with; its promise, which is easily given instead, is not. */
export function isLockstep(value: unknown): value is Lockstep {
  const { transaction, values } = (value ?? {}) as Partial<Lockstep>
  return typeof transaction === 'function' && typeof values === 'function'
}
