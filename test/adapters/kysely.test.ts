import { lockstepKysely, plainKysely } from './kysely-shop.ts'
import { testAdapter } from './suite.ts'

testAdapter('kysely', { lockstep: lockstepKysely, plain: plainKysely })
