import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
} from 'kysely'
import type { Lockstep } from '../../api.ts'
import { Mutex } from '../../core/wait.ts'
import { isLockstep } from '../is-lockstep.ts'
import { LockstepDriver } from './driver.ts'

export interface LockstepDialectConfig {
  /** What `createLockstep()` resolves with, or a function that opens it when the first query comes. */
  readonly database: Lockstep | (() => Promise<Lockstep>)
  /** Called once, as all connections of Lockstep are one to kysely. */
  readonly onCreateConnection?: (connection: DatabaseConnection) => Promise<void>
}

/**
 * kysely's dialect for SQLite over Lockstep, in the place of its SqliteDialect: the application writes the same
 * queries, whichever place serves them. `destroy()` closes Lockstep, as kysely's dialects close what they are given.
 *
 * @example
 * const db = new Kysely<Database>({ dialect: new LockstepDialect({ database: await createLockstep(options) }) })
 */
export class LockstepDialect implements Dialect {
  readonly #config: LockstepDialectConfig

  constructor(config: LockstepDialectConfig | Lockstep) {
    this.#config = isLockstep(config) ? { database: config } : config
    const { database } = this.#config
    if (typeof database === 'function' || isLockstep(database)) return
    throw new TypeError(
      'Expected database to be what createLockstep() resolves with, or an async function that opens it',
    )
  }

  createDriver(): Driver {
    const { database, onCreateConnection } = this.#config
    const open = typeof database === 'function' ? database : async (): Promise<Lockstep> => database
    return new LockstepDriver(open, onCreateConnection)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new LockstepAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

/** Two migrators at once would run one migration twice; kysely's own dialect has one connection, which keeps them apart. */
class LockstepAdapter extends SqliteAdapter {
  readonly #migrating = new Mutex()
  #release: (() => void) | undefined

  override async acquireMigrationLock(): Promise<void> {
    this.#release = await this.#migrating.hold()
  }

  override async releaseMigrationLock(): Promise<void> {
    const release = this.#release
    this.#release = undefined
    release?.()
  }
}
