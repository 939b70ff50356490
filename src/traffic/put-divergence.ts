import type { Engine } from '../engine/engine.ts'
import { confirmed, divergenceId, type Finding, type KeptDivergence } from '../shadow/divergence.ts'
import { argumentsId } from '../shadow/evidence.ts'
import type { KeptRecords } from '../sqlite/kept-records.ts'

/** Writes down what differed, and tells it where it is news. */
export async function putDivergence(
  engine: Engine,
  records: KeptRecords<KeptDivergence>,
  finding: Finding,
): Promise<void> {
  const { fingerprint, class: kind, sql, cases, tables } = finding
  const id = divergenceId(fingerprint, kind)
  let isNews = false
  await records.update([id], (known) => {
    const { next, isNews: news } = confirmed(known, finding, Date.now())
    isNews = news
    return next
  })
  if (!isNews) return
  const table = cases[0]?.rows[0]?.table ?? tables[0] ?? null
  engine.events.emit('divergence', { id, statement: sql, table, class: kind })
}

/** What tells runs of a statement apart, in this migration. */
export function runIdOf(engine: Engine, args: readonly unknown[]): string {
  return argumentsId(engine.control().migration, args)
}
