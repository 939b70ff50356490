import { lockstepKnex, plainKnex } from './knex-shop.ts'
import { testAdapter } from './suite.ts'

testAdapter('knex', {
  lockstep: lockstepKnex,
  plain: plainKnex,
  closed:
    'select * from `users` order by `id` asc - This database is closed: call createLockstep() again',
})
