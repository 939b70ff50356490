export { drizzle, LockstepDatabase } from './driver.ts'
export { migrate } from './migrator.ts'
export { LockstepPreparedQuery } from './prepared-query.ts'
export { LockstepSession, LockstepTransaction } from './session.ts'
