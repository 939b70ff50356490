import type { Engine } from './engine.ts'
import { Compactor } from '../mirror/compactor.ts'
import { PostgresCompaction } from '../postgres/compaction.ts'
import { SqliteCompaction } from '../sqlite/compaction.ts'

/** Keeps the journal of the primary short; `close` gives its connection back once it has stopped. */
export function createCompacting(engine: Engine): { compactor: Compactor; close: () => void } {
  const { compactAbove } = engine.options.applier
  const sqlite = new SqliteCompaction({
    reader: engine.file.reader,
    open: () => engine.file.openApplier(),
    above: compactAbove,
  })
  const postgres = new PostgresCompaction(() => engine.server.control, compactAbove)
  const compactor = new Compactor({
    work: () => {
      if (!engine.installed) return null
      const { primary, completed } = engine.control()
      if (completed) return null
      return primary === 'sqlite'
        ? { compaction: sqlite, restMs: 50 }
        : { compaction: postgres, restMs: 1000 }
    },
    // A journal that grows for a while is no failure of the application's: the next look tries again.
    onError: () => undefined,
  })
  return { compactor, close: () => sqlite.close() }
}
