import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'
import { yieldToEventLoop } from '../core/wait.ts'

/** What one table takes of the file. */
export interface TableSize {
  /** Of the rows themselves. */
  readonly bytes: number
  /** Of all indexes of the table. */
  readonly indexBytes: number
}

/** Reading pages holds one read transaction open; beyond this the sizes are estimated. */
const maxMs = { wal: 10_000, other: 250 }
const sliceMs = 4

/**
 * The pages of each table and its indexes as SQLite's `dbstat` counts them, or a reason why that was not done. It reads
 * the headers of all pages, in one bounded read transaction for each B-tree.
 * https://www.sqlite.org/dbstat.html
 */
export async function measureSizes(
  db: Connection,
  tables: readonly SourceTable[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, TableSize> | string> {
  const isWal = db.pragma('journal_mode', { simple: true }) === 'wal'
  const deadline = performance.now() + (isWal ? maxMs.wal : maxMs.other)
  const sizes = new Map<string, TableSize>()
  try {
    const pages = db.prepare('SELECT pgsize FROM dbstat WHERE name = ?').pluck()
    for (const { name, indexes } of tables) {
      let [bytes, indexBytes] = [0, 0]
      for (const tree of [name, ...indexes.map((index) => index.name)]) {
        let sliceEnd = performance.now() + sliceMs
        let treeBytes = 0
        for (const page of pages.iterate(tree)) {
          treeBytes += page as number
          const now = performance.now()
          if (now > deadline) return 'reading every page of the file would take too long'
          // In the other modes a statement that stays open would keep a writer from committing.
          if (!isWal || now < sliceEnd) continue
          await yieldToEventLoop()
          signal?.throwIfAborted()
          sliceEnd = performance.now() + sliceMs
        }
        if (tree === name) bytes = treeBytes
        else indexBytes += treeBytes
      }
      sizes.set(name, { bytes, indexBytes })
    }
    return sizes
  } catch (error) {
    if (error instanceof Error && /no such table: dbstat/.test(error.message))
      return 'this SQLite has no dbstat'
    throw error
  }
}
