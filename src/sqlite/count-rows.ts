import { yieldToEventLoop } from '../core/wait.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Connection, SqliteFile } from './connection.ts'
import { createReadThread } from './read-thread.ts'
import { isSmallFile } from './small-file.ts'

/** So many rows are counted on the main thread before the application's own work has its turn. */
const rowsPerTurn = 5000
/** SQLite counts some ten million rows in a second; who has more of them than fit in this waits for no figure. */
const timeoutMs = 60 * 60 * 1000
const busyTimeoutMs = 5000
/** The answer is one row of numbers. */
const caps = { maxRows: 1, maxBytes: 1024 }

type CountedFile = Pick<SqliteFile, 'path' | 'isSetUp' | 'openReader'>

/** The rows of each table, in the order given, without holding the event loop of the application. */
export async function countRows(
  file: CountedFile,
  tables: readonly string[],
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const counts = await countSources(
    file,
    tables.map((name) => [quote(name)]),
    signal,
  )
  return counts.flat()
}

/**
 * The rows of what stands behind FROM, those of one group in one snapshot: a thread counts, where there is enough to
 * count. What an application sets up on each connection (`sqlite.setup`) cannot go there, and counting may need it, as the
 * rows of an index are in the order of its collation; then the main thread counts some rows at a time.
 */
export async function countSources(
  file: CountedFile,
  groups: readonly (readonly string[])[],
  signal?: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const isOwn = file.isSetUp || isSmallFile(file.path)
  return isOwn ? countInTurns(file, groups, signal) : countInThread(file, groups, signal)
}

async function countInThread(
  { path }: CountedFile,
  groups: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly number[])[]> {
  const thread = createReadThread(path, busyTimeoutMs)
  const stop = (): void => void thread.close()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const counts: number[][] = []
    for (const group of groups) {
      signal?.throwIfAborted()
      const sql = `SELECT ${group.map((source) => `(SELECT count(*) FROM ${source})`).join(', ')}`
      const { rows } = await thread.read(sql, [], { timeoutMs, ...caps })
      counts.push(group.map((_, index) => Number(rows[0]?.[index])))
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
  file: CountedFile,
  groups: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly number[])[]> {
  const db = file.openReader()
  try {
    const counts: number[][] = []
    for (const group of groups) {
      const numbers: number[] = []
      db.exec('BEGIN')
      for (const source of group) numbers.push(await countSource(db, source, signal))
      db.exec('COMMIT')
      counts.push(numbers)
    }
    return counts
  } finally {
    db.close()
  }
}

/** In turns, on a connection that nothing else runs on. */
export async function countSource(
  db: Connection,
  source: string,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0
  for (const _ of db.prepare(`SELECT 1 FROM ${source}`).pluck().iterate()) {
    count += 1
    if (count % rowsPerTurn !== 0) continue
    await yieldToEventLoop()
    signal?.throwIfAborted()
  }
  return count
}
