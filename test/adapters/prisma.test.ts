import { lockstepPrisma, plainPrisma } from './prisma-shop.ts'
import { testAdapter } from './suite.ts'

testAdapter('prisma', { lockstep: lockstepPrisma, plain: plainPrisma, safeIntegers: true })
