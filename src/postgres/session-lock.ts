import type { Client, PoolClient } from 'pg'
import { stateOf } from './errors.ts'

type Connection = Client | PoolClient

/**
 * Takes an advisory lock of the session; false where it was not to be had in `ms`. Unless true is returned the
 * session does not have it. PostgreSQL may grant a lock in the very moment in which the wait for it ends with an
 * error, and no error takes back what a session has been granted (`LockErrorCleanup` in its lock manager), so that
 * the lock is given back there too: whoever leaves it on a connection of a pool stops everybody.
 */
export async function lockWithin(client: Connection, key: string, ms: number): Promise<boolean> {
  try {
    await client.query(`SET lock_timeout = ${Math.max(1, Math.round(ms))}`)
    await client.query(`SELECT pg_advisory_lock(${key})`)
    await client.query('RESET lock_timeout')
    return true
  } catch (error) {
    await giveBack(client, ifHeld(key))
    if (stateOf(error) !== lockTimeout) throw error
    await client.query('RESET lock_timeout')
    return false
  }
}

/** Gives back a lock that the session has. Where that fails the connection ends, and the lock goes with it. */
export function unlock(client: Connection, key: string): Promise<void> {
  return giveBack(client, `SELECT pg_advisory_unlock(${key})`)
}

async function giveBack(client: Connection, sql: string): Promise<void> {
  try {
    await client.query(sql)
  } catch {
    await client.end()
  }
}

/** Looks for the lock first, as the server warns of one that is not there; `pg_locks` stops all others for a moment. */
function ifHeld(key: string): string {
  return /* sql */ `
    SELECT pg_advisory_unlock(${key}) FROM pg_locks
     WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND granted AND objsubid = 2 AND (classid, objid) = (${key})
       AND mode = 'ExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
}

const lockTimeout = '55P03'
