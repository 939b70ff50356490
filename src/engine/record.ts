import { recordAction } from '../sqlite/audit.ts'
import { retryBusy } from '../sqlite/writer.ts'
import type { Engine } from './engine.ts'

/**
 * Adds an entry to the audit log, when it is the writer's turn, on a connection of its own: the application's connection
 * remembers the row that it has inserted last, and would remember this one.
 */
export async function record(
  { file, writer, options }: Engine,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writer.hold(async () => {
    const db = file.openApplier()
    try {
      await retryBusy(() => recordAction(db, action, detail), options.sqlite.busyTimeoutMs)
    } finally {
      db.close()
    }
  })
}
