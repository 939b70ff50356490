import { SqliteDialect, SqliteDriver } from 'kysely'
import { LockstepDriver } from '../../src/adapters/kysely/driver.ts'
import { LockstepDialect } from '../../src/adapters/kysely/index.ts'
import { openLockstep, place } from './open.ts'

/** Stands where Kysely's suite imports Kysely: all of it, with the dialect and the driver of the place that is tested. */
export * from 'kysely'

class PlaceDialect extends LockstepDialect {
  constructor() {
    super({ database: () => openLockstep() })
  }
}

const isPlain = place === 'plain'
const TestedDialect: typeof PlaceDialect | typeof SqliteDialect = isPlain
  ? SqliteDialect
  : PlaceDialect
const TestedDriver: typeof LockstepDriver | typeof SqliteDriver = isPlain
  ? SqliteDriver
  : LockstepDriver

export { TestedDialect as SqliteDialect, TestedDriver as SqliteDriver }
