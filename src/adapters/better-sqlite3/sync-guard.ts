import { LockstepError } from '../../core/errors.ts'
import type { Beneath } from '../../route/beneath.ts'
import type { Plan } from '../../route/plans.ts'
import type { Connection } from '../../sqlite/connection.ts'
import { createOpenCheck } from '../../sqlite/control.ts'
import { isFenced } from '../../sqlite/errors.ts'
import { callSite } from './call-site.ts'

/** Lets a statement run on the connection of a synchronous client, or says why it cannot be. */
export interface SyncGuard {
  /** @throws LockstepError SYNC_UNAVAILABLE, naming the line of the application */
  run<T>(plan: Plan, args: readonly unknown[], work: () => T): T
}

/**
 * SQLite's file answers at once, PostgreSQL does not. So what the flags would send there is refused, as is a write that
 * the fence in the file refuses, and a change of the schema, which is one step on both places.
 */
export function createSyncGuard(beneath: Beneath, connection: Connection): SyncGuard {
  const { router, isInstalled } = beneath
  let checkOpen: (() => void) | undefined
  const requireOpen = (): void => {
    if (!isInstalled()) return
    checkOpen ??= createOpenCheck(connection)
    checkOpen()
  }
  const write = <T>(work: () => T): T => {
    try {
      const result = work()
      // The triggers refuse a change of a row; a statement that found no row to change must be refused too.
      if (foundNothing(result)) requireOpen()
      router.counters.writes++
      return result
    } catch (error) {
      throw isFenced(error) ? moved(error) : error
    }
  }
  return {
    run(plan, args, work) {
      if (plan.isDdl && isInstalled()) return changeNothing(connection, work)
      if (plan.step !== null || plan.kind === null) return work()
      if (!plan.readonly) return write(work)
      if (router.movesReads(plan)) throw movedReads(plan)
      const result = work()
      // What a transaction sees of itself is nowhere else yet.
      if (!connection.inTransaction) router.served(plan, args)
      return result
    },
  }
}

function foundNothing(result: unknown): boolean {
  if (result === undefined) return true
  if (Array.isArray(result)) return result.length === 0
  return (result as { changes?: unknown }).changes === 0
}

/** `IF NOT EXISTS` of what is there, and temporary tables, change nothing that PostgreSQL would have to follow. */
function changeNothing<T>(connection: Connection, work: () => T): T {
  const version = (): unknown => connection.pragma('main.schema_version', { simple: true })
  const before = version()
  connection.exec('SAVEPOINT lockstep_change')
  let undo = true
  try {
    const result = work()
    if (version() !== before) throw changesSchema()
    undo = false
    return result
  } finally {
    if (undo && connection.inTransaction) connection.exec('ROLLBACK TO lockstep_change')
    if (connection.inTransaction) connection.exec('RELEASE lockstep_change')
  }
}

function movedReads({ tables }: Plan): LockstepError {
  const what = tables.length === 0 ? 'reads' : `reads of ${tables.join(', ')}`
  return unavailable(
    `The flags send ${what} to PostgreSQL, or it is the primary, and a synchronous call cannot wait for its answer`,
  )
}

function moved(cause: unknown): LockstepError {
  return unavailable(
    'SQLite takes no writes now, as PostgreSQL is the primary or about to be, and a synchronous call cannot wait for it',
    cause,
  )
}

function changesSchema(): LockstepError {
  return unavailable(
    'A change of the schema is one step on both places, and a synchronous call cannot wait for PostgreSQL. ' +
      'Run it with await db.lockstep.exec(...)',
  )
}

function unavailable(why: string, cause?: unknown): LockstepError {
  const site = callSite()
  const at = site === null ? '' : ` At ${site}.`
  return new LockstepError(
    'SYNC_UNAVAILABLE',
    `${why}.${at} Make the call asynchronous, with asyncDatabase() of lockstep/better-sqlite3, or set the flags back`,
    { details: { callSite: site }, cause },
  )
}
