import type { Health } from '../cutover/health.ts'
import { isLockstepError, LockstepError } from '../core/errors.ts'
import { stateOf } from '../postgres/errors.ts'
import type { PostgresExecutor } from '../route/postgres-executor.ts'

/** Counts how statements go on PostgreSQL while that is the primary: nobody else could answer them. */
export function watchPrimary(
  executor: PostgresExecutor,
  health: Health,
  isPrimary: () => boolean,
): PostgresExecutor {
  const watched = async <T>(work: Promise<T>, isTimed: boolean): Promise<T> => {
    const begun = performance.now()
    try {
      const answer = await work
      if (isPrimary()) health.served(isTimed ? performance.now() - begun : 0)
      return answer
    } catch (error) {
      if (isPrimary() && isOfServer(error)) health.failed()
      throw error
    }
  }
  return {
    ...executor,
    read: (...call) => watched(executor.read(...call), true),
    write: (...call) => watched(executor.write(...call), true),
    // How long it takes is up to the application's function.
    transaction: (work) => watched(executor.transaction(work), false),
  }
}

/**
 * Classes of SQLSTATEs in which a server says that it, or what it holds, is not well: connection, missing objects,
 * resources, an operator, the system, itself. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const classesOfServer = new Set(['08', '42', '53', '57', '58', 'XX'])

/** SQLite would not have failed of it. Constraints, conflicts and the fence say nothing of the server. */
function isOfServer(error: unknown): boolean {
  const codes = ['POSTGRES_UNREACHABLE', 'POSTGRES_DENIED', 'SQL_UNSUPPORTED'] as const
  if (codes.some((code) => isLockstepError(error, code))) return true
  const state = error instanceof LockstepError ? error.details['sqlState'] : stateOf(error)
  return typeof state === 'string' && classesOfServer.has(state.slice(0, 2))
}
