import { uninstallCompat } from '../compat/install.ts'
import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'
import { checkReachable } from '../postgres/connection.ts'
import { uninstallPostgres } from '../postgres/install.ts'
import { inTransaction } from '../postgres/transaction.ts'
import { isInstalled } from '../sqlite/control.ts'
import { sqliteError } from '../sqlite/errors.ts'
import { installedTables, uninstallSqlite } from '../sqlite/install.ts'
import { markUninstall } from './half-uninstalled.ts'
import { readApplicationTables, type InstallContext } from './install.ts'
import { refuseForeign } from './pair.ts'

/**
 * Takes Lockstep out of both places. The rows stay where they are.
 * @param force also where the file has nothing to do with what is installed on PostgreSQL
 * @throws LockstepError PAIR_MISMATCH; SQLite's codes where the file cannot be written, which says what is left to do
 */
export async function uninstall(
  { file, writer, server, reach }: InstallContext,
  force: boolean,
): Promise<void> {
  await checkReachable(server)
  if (!force && !isInstalled(writer.db)) await refuseForeign(server)
  const tables = isInstalled(writer.db)
    ? installedTables(writer.db)
    : readApplicationTables(file.reader)
  // First in the file, so that one which cannot be written stops it before anything is gone.
  if (isInstalled(writer.db)) await writer.write(() => markUninstall(writer.db, force))
  await inTransaction(server, async (client) => {
    await uninstallPostgres(client, server.schema, tables)
    await uninstallCompat(client)
  })
  await reach('uninstall:postgres-done')
  try {
    await writer.write(() => uninstallSqlite(writer.db))
  } catch (error) {
    throw halfDone(sqliteError(error))
  }
}

function halfDone(cause: Error): Error {
  if (!isLockstepError(cause)) return cause
  return new LockstepError(
    cause.code,
    `${messageOf(cause)}. PostgreSQL is rid of Lockstep, and the SQLite file is not: mend that, and run ` +
      '`lockstep uninstall` (db.uninstall()) again, which goes on there',
    { cause },
  )
}
