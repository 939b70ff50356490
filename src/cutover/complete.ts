import { LockstepError } from '../core/errors.ts'
import { dropCaptureStatements } from '../postgres/capture.ts'
import { inTransaction } from '../postgres/transaction.ts'
import type { CutoverContext } from './context.ts'
import { readSqlite } from './steps.ts'

/**
 * Ends mirroring for good. PostgreSQL loses capture and fence and goes on alone; the SQLite file stays as
 * it is, fenced, as the record of this moment.
 * @throws LockstepError GATE_REFUSED where SQLite is still the primary
 */
export async function complete(context: CutoverContext): Promise<void> {
  const { server, shipper, writer } = context
  const control = readSqlite(context)
  if (control.completed) return
  if (control.primary !== 'postgres') {
    throw new LockstepError(
      'GATE_REFUSED',
      'SQLite is still the primary: flip to postgres first; to give the migration up, run `lockstep uninstall`',
    )
  }
  await shipper.catchUp('postgres')
  await writer.write(() => writer.db.prepare('UPDATE _lockstep_control SET completed = 1').run())
  await inTransaction(server, async (client) => {
    for (const table of context.tables()) {
      for (const statement of dropCaptureStatements(table, server.schema))
        await client.query(statement)
    }
    await client.query('TRUNCATE lockstep.journal')
  })
  await context.audit('complete', { epoch: control.epoch })
}
