import type { Engine } from '../engine/engine.ts'
import { equalAgain, type KeptDivergence } from '../shadow/divergence.ts'
import type { Query } from '../shadow/trial.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import type { KeptRecords } from '../sqlite/kept-records.ts'
import { runIdOf } from './put-divergence.ts'

/** The statements with an open divergence, as of a moment ago where another process has found it. */
export interface OpenRuns {
  isOpen(sql: string): boolean
  /** Whether an open one that names no row was found by the same run: this statement with these arguments. */
  isOpenRun(query: Query): boolean
  /** The run was equal at aligned snapshots, which resolves what it had shown. */
  equalRun(query: Query): Promise<void>
}

/** How often it is looked which statements other processes have found to differ. */
const openLookMs = 2000

/** @returns also `stale`: what is known is to be read again */
export function createOpenRuns(
  engine: Engine,
  records: KeptRecords<KeptDivergence>,
  open: () => readonly KeptDivergence[],
): OpenRuns & { readonly stale: () => void } {
  /** By fingerprint the cases that stand for a whole run. */
  let differing: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  let lookAgainAt = 0
  const runsOf = (sql: string): ReadonlySet<string> | undefined => {
    if (performance.now() >= lookAgainAt) {
      differing = runsOfEach(open())
      lookAgainAt = performance.now() + openLookMs
    }
    return differing.size > 0 ? differing.get(fingerprintOf(sql)) : undefined
  }
  const stale = (): void => void (lookAgainAt = 0)
  return {
    stale,
    isOpen: (sql) => runsOf(sql) !== undefined,
    isOpenRun({ sql, args }) {
      const runs = runsOf(sql)
      return runs !== undefined && runs.size > 0 && runs.has(runIdOf(engine, args))
    },
    async equalRun({ sql, args }) {
      if (runsOf(sql) === undefined) return
      const fingerprint = fingerprintOf(sql)
      const ids = open().flatMap((one) => (one.fingerprint === fingerprint ? one.id : []))
      const run = new Set([runIdOf(engine, args)])
      await records.update(ids, (known) =>
        known === undefined || known.rehearsed ? null : equalAgain(known, run, 'equal again'),
      )
      stale()
    },
  }
}

function runsOfEach(open: readonly KeptDivergence[]): ReadonlyMap<string, ReadonlySet<string>> {
  const runs = new Map<string, Set<string>>()
  for (const { fingerprint, cases } of open) {
    const ids = runs.get(fingerprint) ?? new Set()
    for (const { id, rows } of cases) if (rows.length === 0) ids.add(id)
    runs.set(fingerprint, ids)
  }
  return runs
}
