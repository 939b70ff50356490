import { yieldToEventLoop } from '../core/wait.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SqliteFile } from './connection.ts'
import { createReadThread } from './read-thread.ts'
import { isSmallFile } from './small-file.ts'

/** So many rows are counted on the main thread before the application's own work has its turn. */
const rowsPerTurn = 5000
/** SQLite counts some ten million rows in a second; who has more of them than fit in this waits for no figure. */
const timeoutMs = 60 * 60 * 1000
const busyTimeoutMs = 5000
/** The answer is one number. */
const caps = { maxRows: 1, maxBytes: 1024 }

/**
 * The rows of each table, in the order given, without holding the event loop of the application: a thread counts, where
 * there is enough to count. What an application sets up on each connection (`sqlite.setup`) cannot go there, and counting
 * may need it, as the rows of an index are in the order of its collation; then the main thread counts some rows at a time.
 */
export async function countRows(
  file: Pick<SqliteFile, 'path' | 'isSetUp' | 'openReader'>,
  tables: readonly string[],
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const isOwn = file.isSetUp || isSmallFile(file.path)
  return isOwn ? countInTurns(file, tables, signal) : countInThread(file, tables, signal)
}

async function countInThread(
  { path }: Pick<SqliteFile, 'path'>,
  tables: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const thread = createReadThread(path, busyTimeoutMs)
  const stop = (): void => void thread.close()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const counts: number[] = []
    for (const name of tables) {
      signal?.throwIfAborted()
      const sql = `SELECT count(*) FROM ${quote(name)}`
      const { rows } = await thread.read(sql, [], { timeoutMs, ...caps })
      counts.push(Number(rows[0]?.[0]))
    }
    return counts
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
    await thread.close()
  }
}

async function countInTurns(
  file: Pick<SqliteFile, 'openReader'>,
  tables: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const db = file.openReader()
  try {
    const counts: number[] = []
    for (const name of tables) {
      const rows = db
        .prepare(`SELECT 1 FROM ${quote(name)}`)
        .pluck()
        .iterate()
      let count = 0
      for (const _ of rows) {
        count += 1
        if (count % rowsPerTurn !== 0) continue
        await yieldToEventLoop()
        signal?.throwIfAborted()
      }
      counts.push(count)
    }
    return counts
  } finally {
    db.close()
  }
}
