export { LockstepDialect, type LockstepDialectConfig } from './dialect.ts'
