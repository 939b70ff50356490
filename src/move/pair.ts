import { LockstepError } from '../core/errors.ts'
import type { PostgresControl } from '../postgres/control.ts'
import type { ControlRow } from '../sqlite/control.ts'

/**
 * SQLite remembers that PostgreSQL has been equal to it once; which server that was, only the server can say.
 * One without a record of a copy, such as an empty database that an URL was changed to, is not it.
 * @param theirs the control record on PostgreSQL; undefined where there is none
 * @throws LockstepError PAIR_MISMATCH
 */
export function checkCopy(ours: ControlRow, theirs: PostgresControl | undefined): void {
  const isCopy = theirs !== undefined && theirs.backfill !== 'none'
  // A file that has been through a flip has a history, even where a new table waits for its backfill.
  const hasCopy = ours.backfilled || ours.epoch > 1
  if (isCopy || !hasCopy) return
  const isLeft = ours.primary === 'postgres' && !ours.completed
  const wayOut = isLeft
    ? 'PostgreSQL is the primary, and the database of before has the data of today'
    : 'if that one is given up, begin again with this one: `lockstep uninstall` (db.uninstall()), then install, ' +
      '`schema --apply` and `backfill`'
  throw new LockstepError(
    'PAIR_MISMATCH',
    `This PostgreSQL database has never held a copy of the SQLite file, which was copied to another one. Nothing was ` +
      `changed: point the connection settings (DATABASE_URL) back to the database of before; ${wayOut}`,
  )
}
