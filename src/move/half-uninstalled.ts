import { LockstepError } from '../core/errors.ts'
import { newestAction, recordAction } from '../sqlite/audit.ts'
import type { Connection } from '../sqlite/connection.ts'
import { durably } from '../sqlite/control.ts'

const begun = 'uninstall-begun'
/** What is done with a server that Lockstep is installed on: an uninstall before it did not come to PostgreSQL. */
const later = ['flip', 'backfilled', 'verified', 'complete']

/** An uninstall ends in the file: what it says of it goes with it. */
export function markUninstall(db: Connection, force: boolean): void {
  durably(db, () => recordAction(db, begun, { force }))
}

/**
 * For a file whose server has nothing of Lockstep's.
 * @throws LockstepError NOT_INSTALLED where an uninstall has taken it out there, and died before it came to the file
 */
export function refuseHalfUninstalled(db: Connection): void {
  const found = newestAction(db, [begun, ...later])
  if (found?.action !== begun) return
  const [command, call] =
    found.detail['force'] === true
      ? ['lockstep uninstall --force', 'db.uninstall({ force: true })']
      : ['lockstep uninstall', 'db.uninstall()']
  throw new LockstepError(
    'NOT_INSTALLED',
    `An uninstall is half done: it began at ${new Date(found.atMs).toISOString()}, PostgreSQL is rid of Lockstep, and the SQLite file is not. ` +
      `Run \`${command}\` (${call}) again, which ends it. Where this is not the database of before, point the connection settings ` +
      '(DATABASE_URL) back to that one first',
  )
}
