export { PrismaLockstep, type PrismaLockstepOptions } from './factory.ts'
