import type { Lockstep } from '../../api.ts'
import { isLockstepError } from '../../core/errors.ts'
import { findBeneath } from '../../route/beneath.ts'
import type { Plans } from '../../route/plans.ts'
import { splitScript } from '../../sql/script.ts'
import type { Connection, Statement } from '../../sqlite/connection.ts'
import { createSyncGuard, type SyncGuard } from './sync-guard.ts'
import { SyncStatement } from './sync-statement.ts'

/** better-sqlite3's Database, and the Lockstep beneath it. */
export type SyncDatabase = Connection & { readonly lockstep: Lockstep }

/**
 * better-sqlite3's interface for code that is synchronous, in the stages in which SQLite serves: its writes are
 * mirrored, its reads compared and counted. A call that SQLite may not answer is `SYNC_UNAVAILABLE`, with its line.
 *
 * It has a connection of its own to the file, so that no transaction of others is mixed with its own; as with
 * any two connections, a write waits for at most `sqlite.busyTimeoutMs` while another one writes. `close()` closes that
 * connection and begins to close Lockstep, which `await db.lockstep.close()` waits for.
 *
 * @example
 * const db = syncDatabase(await createLockstep({ sqlite: { path: './app.db' } }))
 * const user = db.prepare('SELECT * FROM users WHERE id = ?').get(7)
 */
export function syncDatabase(lockstep: Lockstep): SyncDatabase {
  const beneath = findBeneath(lockstep)
  const connection = beneath.file.openOwn(beneath.busyTimeoutMs)
  connection.defaultSafeIntegers(beneath.safeIntegers)
  const guard = createSyncGuard(beneath, connection)
  const own = ownMethods({ lockstep, connection, guard, plans: beneath.plans })
  const db: SyncDatabase = new Proxy(connection, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name) as unknown
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function' || name === 'constructor') return value
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, target, args)
        return result === target ? db : result
      }
    },
  }) as SyncDatabase
  own.self = () => db
  return db
}

interface Parts {
  readonly lockstep: Lockstep
  readonly connection: Connection
  readonly guard: SyncGuard
  readonly plans: Plans
}

interface OwnMethods {
  /** Set once the database that hands out the methods is there. */
  self: () => SyncDatabase
  readonly lockstep: Lockstep
  prepare(sql: string): SyncStatement
  exec(script: string): Connection
  transaction(work: (...args: unknown[]) => unknown): unknown
  close(): Connection
}

function ownMethods({ lockstep, connection, guard, plans }: Parts): OwnMethods {
  const own: OwnMethods = {
    self: () => connection as SyncDatabase,
    lockstep,
    prepare(sql) {
      const native = connection.prepare(sql) as Statement
      return new SyncStatement(native, plans.of(sql), guard, own.self())
    },
    exec(script) {
      if (typeof script !== 'string') throw new TypeError('Expected first argument to be a string')
      for (const sql of statementsOf(script))
        guard.run(plans.of(sql), [], () => {
          connection.exec(sql)
        })
      return own.self()
    },
    transaction(work) {
      if (isAsync(work)) throw asyncInside()
      // On the wrapper, so that it is the database that the function tells.
      return connection.transaction.call(own.self(), work)
    },
    close() {
      connection.close()
      // Whoever wants to know how that ends calls it as well: it is one and the same.
      lockstep.close().catch(() => undefined)
      return own.self()
    },
  }
  return own
}

/** What cannot be read is SQLite's to judge. */
function statementsOf(script: string): readonly string[] {
  try {
    return splitScript(script)
  } catch (error) {
    if (isLockstepError(error) || error instanceof RangeError) return [script]
    throw error
  }
}

function isAsync(work: unknown): boolean {
  return Object.prototype.toString.call(work) === '[object AsyncFunction]'
}

function asyncInside(): TypeError {
  return new TypeError(
    'An async function cannot run in a synchronous transaction, which would be committed before it has ended. ' +
      'Use await db.lockstep.transaction(async (tx) => ...), or asyncDatabase()',
  )
}
