import type { Engine } from '../engine/engine.ts'
import { record } from '../engine/record.ts'
import { LockstepError } from '../core/errors.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import { withoutLiterals } from '../sql/without-literals.ts'
import { createKeptRecords } from '../sqlite/kept-records.ts'
import {
  countDiffering,
  divergenceId,
  equalAgain,
  ignored,
  type Finding,
} from '../shadow/divergence.ts'
import { shown, type Divergence, type KeptDivergence } from '../shadow/divergence.ts'
import { casesOf } from '../shadow/evidence.ts'
import type { ShadowRead } from '../shadow/read.ts'
import type { Query } from '../shadow/trial.ts'
import type { Different } from '../shadow/verdict.ts'
import { createOpenRuns, type OpenRuns } from './open-runs.ts'
import { putDivergence, runIdOf } from './put-divergence.ts'
import { createWriteDivergences, type WriteDivergences } from './write-divergences.ts'

/** What shadow reads have found to differ, kept in the SQLite file for all processes and all restarts. */
export interface Divergences extends OpenRuns {
  list(): Divergence[]
  kept(): KeptDivergence[]
  /** @throws LockstepError DIVERGENCE_UNKNOWN */
  find(id: string): KeptDivergence
  /** How many rows differ by those that are open, as reads have seen. */
  count(): number
  /** How many writes are open that a rehearsal has seen go another way, each with its arguments and rows. */
  countWrites(): number
  /** Writes down what differed at aligned snapshots, and tells it where it is news. */
  found(read: ShadowRead, verdict: Different): Promise<void>
  /** What rehearsals of writes have found. */
  readonly rehearsed: WriteDivergences
  /** Takes the cases that are equal again off; the last one resolves the divergence. */
  equal(id: string, cases: ReadonlySet<string>, reason: string): Promise<void>
  /** @throws LockstepError DIVERGENCE_UNKNOWN */
  ignore(id: string, reason: string): Promise<Divergence>
  /** The read that showed a case, while this process remembers its arguments. */
  queryOf(id: string, caseId: string): Query | undefined
  close(): void
}

/** The most that are kept; beyond it those that were written longest ago go. */
const maxDivergences = 200
/** So many reads are remembered with their arguments, for a second look. */
const maxQueries = 1000

export function createDivergences(engine: Engine): Divergences {
  const { sqlite, shadow } = engine.options
  const records = createKeptRecords<KeptDivergence>(engine.file, {
    table: 'divergences',
    max: maxDivergences,
    busyTimeoutMs: sqlite.busyTimeoutMs,
  })
  const queries = new Map<string, Query>()
  const remember = (id: string, caseId: string, { sql, args }: Query): void => {
    if (queries.size >= maxQueries) queries.delete(queries.keys().next().value as string)
    queries.set(`${id} ${caseId}`, { sql, args })
  }
  const open = (): KeptDivergence[] => records.all().filter(({ state }) => state === 'open')
  const { stale, ...runs } = createOpenRuns(engine, records, open)
  const update: typeof records.update = async (ids, next) => {
    await records.update(ids, next)
    stale()
  }
  const watched = { ...records, update }
  const find = (id: string): KeptDivergence => {
    const known = records.find(id)
    if (known !== undefined) return known
    throw new LockstepError('DIVERGENCE_UNKNOWN', `There is no divergence ${id}`, {
      details: { id },
    })
  }
  return {
    kept: () => records.all(),
    list: () => records.all().map((one) => shown(one, withoutLiterals)),
    find,
    // A rehearsal's are statements that failed or did otherwise there; the rows that stand there are SQLite's.
    count: () => countDiffering(open().filter(({ rehearsed }) => rehearsed !== true)),
    countWrites: () =>
      open().reduce((sum, { rehearsed, cases }) => sum + (rehearsed ? cases.length : 0), 0),
    ...runs,
    async found(read, verdict) {
      const { sql, args, subject } = read
      const finding: Finding = {
        sql,
        fingerprint: fingerprintOf(sql),
        tables: subject.statement.tables,
        class: verdict.difference.class,
        cases: casesOf(verdict, runIdOf(engine, args), shadow.values),
      }
      const id = divergenceId(finding.fingerprint, finding.class)
      for (const one of finding.cases) remember(id, one.id, read)
      await putDivergence(engine, watched, finding)
    },
    rehearsed: createWriteDivergences(engine, watched),
    equal: (id, cases, reason) =>
      update([id], (known) => (known === undefined ? null : equalAgain(known, cases, reason))),
    async ignore(id, reason) {
      find(id)
      await update([id], (known) => (known === undefined ? null : ignored(known, reason)))
      await record(engine, 'divergence-ignored', { id, reason })
      return shown(find(id), withoutLiterals)
    },
    queryOf: (id, caseId) => queries.get(`${id} ${caseId}`),
    close: () => records.close(),
  }
}
