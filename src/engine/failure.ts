import { LockstepError, messageOf } from '../core/errors.ts'
import { StalePositionError } from '../place/place.ts'
import { connectionFailure } from '../postgres/connection.ts'
import { databaseError, isConnectionFailure, postgresError, stateOf } from '../postgres/errors.ts'
import { sqliteError } from '../sqlite/errors.ts'

/**
 * What a step of the journey failed with, as an error that has a code and so a way out. Misuse, and what
 * comes from neither database, goes through as it is.
 */
export function asFailure(error: unknown): unknown {
  if (error instanceof LockstepError || error instanceof TypeError || error instanceof RangeError)
    return error
  if (error instanceof StalePositionError) return unsettled(error)
  if (isWithoutTables(error)) return notInstalled(error)
  if (databaseError(error) !== undefined || isConnectionFailure(error))
    return connectionFailure(error) ?? postgresError(error)
  return sqliteError(error)
}

/** The same calls, which reject with `asFailure` of what they rejected with. */
export function failEach<T extends object>(calls: T): T {
  type Call = (...args: never[]) => Promise<unknown>
  const wrapped = Object.entries(calls).map(([name, call]: [string, Call]) => [
    name,
    async (...args: never[]): Promise<unknown> => {
      try {
        return await call(...args)
      } catch (error) {
        throw asFailure(error)
      }
    },
  ])
  return Object.fromEntries(wrapped) as T
}

/** An install that did not end has made the tables of SQLite, and those of PostgreSQL are missing. */
function isWithoutTables(error: unknown): boolean {
  return stateOf(error) === '42P01' && messageOf(error).startsWith('relation "lockstep.')
}

function notInstalled(cause: unknown): LockstepError {
  return new LockstepError(
    'NOT_INSTALLED',
    `Lockstep's tables are not on PostgreSQL (${messageOf(cause)}): an install did not come to its end there. ` +
      'Run `lockstep install` (db.install()) again',
    { cause },
  )
}

function unsettled(cause: StalePositionError): LockstepError {
  return new LockstepError(
    'CAUGHT_UP_TIMEOUT',
    `The places could not be brought to one state (${messageOf(cause)}): other processes ship all the time, or what ` +
      'moved the primary is not settled yet. Nothing is lost; try again in a moment',
    { cause },
  )
}
