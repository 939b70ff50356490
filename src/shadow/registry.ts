import { yieldToEventLoop } from '../core/wait.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import type { KeptRecords } from '../sqlite/kept-records.ts'
import { Observed } from './record.ts'
import { addFigures, type StatementFigures } from './statement-figures.ts'

/** The statements of the application, each with its record; what is counted outlives the process. */
export interface Registry {
  of(sql: string): Observed
  /** By fingerprint: what is kept, of all processes, with what this one has not written yet. */
  figures(): Map<string, StatementFigures>
  start(): void
  /** Writes down what has changed, a few statements at a time. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** The most that are kept, here and in the file; of more, those that came first go. */
export const maxStatements = 10_000
/** How often what has changed is written down, and how many statements go in one transaction. */
const flushMs = 10_000
const perTransaction = 50

export function createRegistry(kept: KeptRecords<StatementFigures>): Registry {
  const records = new Map<string, Observed>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const changed = [...records.values()].filter(({ isChanged }) => isChanged)
    for (let from = 0; from < changed.length; from += perTransaction) {
      const taken = new Map<string, StatementFigures>()
      for (const record of changed.slice(from, from + perTransaction)) {
        const id = idOf(record.sql)
        taken.set(id, addFigures(taken.get(id), record.take()))
      }
      await kept.update([...taken.keys()], (known, id) =>
        addFigures(known, taken.get(id) as StatementFigures),
      )
      await yieldToEventLoop()
    }
  }

  const flush = (): Promise<void> =>
    // Figures that could not be written, as another process held the file for long, are lost.
    (flushing = flushing.then(write).catch(() => undefined))

  return {
    of(sql) {
      const known = records.get(sql)
      if (known !== undefined) return known
      if (records.size >= maxStatements) records.delete(records.keys().next().value as string)
      const made = new Observed(sql)
      records.set(sql, made)
      return made
    },
    figures() {
      const all = new Map(kept.all().map((one) => [idOf(one.sql), one]))
      for (const record of records.values()) {
        if (!record.isChanged) continue
        const id = idOf(record.sql)
        all.set(id, addFigures(all.get(id), record.figures()))
      }
      return all
    },
    start: () => void (timer = setInterval(() => void flush(), flushMs).unref()),
    flush,
    async close() {
      clearInterval(timer)
      await flush()
      kept.close()
    },
  }
}

/** What SQLite itself cannot read has no fingerprint, and stands for itself. */
function idOf(sql: string): string {
  try {
    return fingerprintOf(sql)
  } catch {
    return sql
  }
}
