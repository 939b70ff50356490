import { LockstepError } from '../core/errors.ts'
import type { Control } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { findControl, type PostgresControl } from '../postgres/control.ts'
import type { Connection, SqliteFile } from '../sqlite/connection.ts'
import type { ControlRow } from '../sqlite/control.ts'
import { refuseHalfUninstalled } from './half-uninstalled.ts'

/**
 * SQLite remembers that PostgreSQL has been equal to it once; which server that was, only the server can say.
 * One without a record of a copy, such as an empty database that an URL was changed to, is not it.
 * @param theirs the control record on PostgreSQL; undefined where there is none
 * @throws LockstepError PAIR_MISMATCH; NOT_INSTALLED where an uninstall is half done
 */
export function checkCopy(
  ours: ControlRow,
  theirs: PostgresControl | undefined,
  file: Connection,
): void {
  if (theirs === undefined) refuseHalfUninstalled(file)
  const isCopy = theirs !== undefined && theirs.backfill !== 'none'
  // A file that has been through a flip has a history, even where a new table waits for its backfill.
  const hasCopy = ours.backfilled || ours.epoch > 1
  if (isCopy || !hasCopy) return
  const isLeft = ours.primary === 'postgres' && !ours.completed
  const wayOut = isLeft
    ? 'PostgreSQL is the primary, and the database of before has the data of today. Where this is that one, and ' +
      'somebody has dropped its schema lockstep, it goes on alone: `lockstep uninstall --force` gives the file up'
    : 'if that one is given up, begin again with this one: `lockstep uninstall` (db.uninstall()), then install, ' +
      '`schema --apply` and `backfill`'
  throw new LockstepError(
    'PAIR_MISMATCH',
    `This PostgreSQL database has never held a copy of the SQLite file, which was copied to another one. Nothing was ` +
      `changed: point the connection settings (DATABASE_URL) back to the database of before; ${wayOut}`,
  )
}

/**
 * The control record of the server, if it has one. The file's own is read after it: a flip that goes by in between
 * then leaves a file that is newer, and not one that looks as if it were from before the flip.
 * @throws LockstepError PAIR_MISMATCH, PRIMARY_REWOUND
 */
export async function findPartner(
  server: Pick<PostgresServer, 'control'>,
  readOurs: () => ControlRow,
): Promise<PostgresControl | undefined> {
  const theirs = await findControl(server.control)
  if (theirs === undefined) return undefined
  const ours = readOurs()
  if (theirs.migration !== ours.migration) throw pairMismatch()
  checkEpochs(ours, theirs)
  return theirs
}

/**
 * The same, where it must be the one that holds the copy, if there is one: which the server has before the file
 * says so, and therefore the file is asked first.
 */
export async function requirePartner(pair: {
  readonly server: PostgresServer
  readonly file: Pick<SqliteFile, 'reader'>
  control(): ControlRow
}): Promise<PostgresControl | undefined> {
  const ours = pair.control()
  const theirs = await findPartner(pair.server, () => pair.control())
  checkCopy(ours, theirs, pair.file.reader)
  return theirs
}

/** A file from before a flip would be open beside the primary of today. */
function checkEpochs(ours: Control, theirs: Control): void {
  if (ours.state !== 'open' || theirs.epoch <= ours.epoch) return
  throw new LockstepError(
    'PRIMARY_REWOUND',
    `The SQLite file is from epoch ${ours.epoch}, before the primary moved (PostgreSQL is at ${theirs.epoch}): an old ` +
      'file was put in its place. Put the file of today back; writes to this one would be lost',
    { details: { epoch: ours.epoch, current: theirs.epoch } },
  )
}

/**
 * For a file without Lockstep: an install begins in the file and an uninstall ends there, so it is not the one that
 * the server is paired with.
 * @throws LockstepError PAIR_MISMATCH
 */
export async function refuseForeign(server: PostgresServer): Promise<void> {
  if ((await findControl(server.control)) === undefined) return
  throw new LockstepError(
    'PAIR_MISMATCH',
    'Lockstep is not installed on this SQLite file, but it is on this PostgreSQL database, for another file. Nothing ' +
      'was changed: check the path and the connection settings; if the other file is given up, `lockstep uninstall ' +
      '--force` (db.uninstall({ force: true })) takes Lockstep out of the database',
  )
}

export function pairMismatch(): LockstepError {
  return new LockstepError(
    'PAIR_MISMATCH',
    'This PostgreSQL database is paired with another SQLite file. Nothing was changed: check the path and the ' +
      'connection settings; if the other pair is given up, run `DROP SCHEMA lockstep CASCADE` there first',
  )
}
