import { readFileSync, writeFileSync } from 'node:fs'
import type { Miss, Score, Verdict } from './outcome.ts'
import type { Suite } from './suites.ts'

/** What was measured of one suite, as the report shows it. */
export interface SuiteResult {
  readonly about: string
  readonly total: number
  readonly counts: Readonly<Record<Verdict, number>>
  readonly misfits: number
  readonly leftOut: readonly (readonly [why: string, count: number])[]
  /** Of the text sent as it is, with `$n`: what PostgreSQL does without a translator. */
  readonly baseline: { readonly identical: number; readonly total: number }
  readonly causes: Readonly<Record<ReportedVerdict, readonly CauseResult[]>>
}

export type ReportedVerdict = 'different' | 'unclear' | 'refused'

export interface CauseResult {
  readonly cause: string
  readonly count: number
  readonly examples: readonly Pick<Miss, 'id' | 'sql' | 'detail'>[]
}

/** By name, each as it was measured last: a run of some suites leaves the others as they are. */
export interface Results {
  readonly sqlite: string
  readonly postgres: string
  readonly seed: number
  readonly indexUse: string
  readonly suites: Readonly<Record<string, SuiteResult>>
}

const file = new URL('./results.json', import.meta.url)
const examplesPerCause = 3
const charactersShown = 300

export function readResults(): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

export function writeResults(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
}

export function resultOf({ about }: Suite, score: Score, baseline: Score | null): SuiteResult {
  return {
    about,
    total: score.total,
    counts: score.counts,
    misfits: score.misfits,
    leftOut: [...score.leftOut],
    baseline: { identical: baseline?.counts.identical ?? 0, total: baseline?.total ?? 0 },
    causes: {
      different: causesOf(score, 'different'),
      unclear: causesOf(score, 'unclear'),
      refused: causesOf(score, 'refused'),
    },
  }
}

function causesOf(score: Score, verdict: ReportedVerdict): CauseResult[] {
  const examples = (misses: readonly Miss[]): CauseResult['examples'] =>
    misses.slice(0, examplesPerCause).map(({ id, sql, detail }) => ({
      id,
      sql: sql.slice(0, charactersShown),
      detail: detail.slice(0, charactersShown),
    }))
  return score.causes(verdict).map(([cause, misses]) => ({
    cause,
    count: misses.length,
    examples: verdict === 'refused' ? [] : examples(misses),
  }))
}
