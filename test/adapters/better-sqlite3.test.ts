import { asyncShop, lockstepSync, syncShop } from './better-sqlite3-shop.ts'
import { testAdapter } from './suite.ts'

testAdapter('better-sqlite3, asynchronous', { lockstep: asyncShop, plain: syncShop })

testAdapter('better-sqlite3, synchronous', {
  lockstep: lockstepSync,
  plain: syncShop,
  closed: 'The database connection is not open',
  stages: ['off', 'mirror', 'shadow', 'rolled back'],
})
