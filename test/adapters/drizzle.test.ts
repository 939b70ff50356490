import { lockstepDrizzle, plainDrizzle } from './drizzle-shop.ts'
import { testAdapter } from './suite.ts'

testAdapter('drizzle', { lockstep: lockstepDrizzle, plain: plainDrizzle })
