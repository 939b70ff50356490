import type { Table } from '../schema/model.ts'
import type { OriginColumn } from '../sqlite/capped-read.mjs'
import type { KeyValues } from '../values/value.ts'
import { compareAnswers } from './compare.ts'
import type { Answer, Difference, Rules } from './compare.ts'
import { rulesOf, type RuleSettings } from './rules.ts'
import type { Subject } from './subject.ts'
import type { Trial } from './trial.ts'

/** What a read has come to. */
export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly away: boolean }
  | { readonly kind: 'untranslated'; readonly reason: string }
  /** A rule of the application's says that the difference does not matter. */
  | { readonly kind: 'ignored' }
  /** The answers differ, and the data do not decide which is right. */
  | { readonly kind: 'undecided'; readonly reason: string }
  | Different

export interface Different {
  readonly kind: 'different'
  readonly difference: Difference
  /** Only the order differs, and what sorts the rows is not in the answer: it may be ties. */
  readonly isHidden: boolean
  readonly rules: Rules
  readonly columns: readonly OriginColumn[]
  readonly tables: readonly Table[]
  /** The keys of the pairs' rows where the answer has none, as far as SQLite tells them. */
  readonly keys: readonly (KeyValues | null)[]
  readonly keyTable: string | null
  /** What was compared; null where a place has failed. */
  readonly answers: BothAnswers | null
  /** What each place said, where one of them failed. */
  readonly failures: { readonly sqlite: string | null; readonly postgres: string | null } | null
}

export interface BothAnswers {
  readonly sqlite: Answer
  readonly postgres: Answer
}

export interface Judging {
  readonly tables: readonly Table[]
  readonly settings: RuleSettings
  /** Decides in the place of the rules: true for equal, undefined where it leaves it to them. */
  readonly compare: (sqlite: Answer, postgres: Answer) => boolean | undefined
  /** What is compared instead of an answer. */
  readonly clean: (answer: Answer) => Answer
  /** Whether a difference that is one does not matter. */
  readonly ignore: (difference: Difference) => boolean
}

/** Compares what both places answered at one moment. */
export function judge(subject: Subject, trial: Trial, judging: Judging): Verdict {
  if (trial.kind === 'same-failure') return { kind: 'equal' }
  if (trial.kind === 'failed') {
    const { sqlite, postgres } = trial
    const difference: Difference = { class: 'error', pairs: [] }
    const rules = rulesOf(subject, [], [], false, judging.settings)
    const { tables } = judging
    const failures = { sqlite, postgres }
    return {
      kind: 'different',
      keys: [],
      keyTable: null,
      difference,
      isHidden: false,
      rules,
      columns: [],
      tables,
      answers: null,
      failures,
    }
  }
  if (trial.kind !== 'answers') return trial
  const { columns } = trial.sqlite
  const isTotal = trial.postgres.order === 'total'
  const rules = rulesOf(subject, columns, judging.tables, isTotal, judging.settings)
  const sqlite = judging.clean(trial.sqlite)
  const postgres = judging.clean(trial.postgres)
  const decided = judging.compare(sqlite, postgres)
  if (decided === true) return { kind: 'equal' }
  const differs = (difference: Difference, isHidden = false): Different => {
    const { tables } = judging
    const answers = { sqlite, postgres }
    const common = { rules, columns, tables, keys: [], keyTable: null, answers, failures: null }
    return { kind: 'different', difference, isHidden, ...common }
  }
  const difference = compareAnswers(sqlite, postgres, rules)
  if (difference !== null) return differs(difference)
  if (decided === false) return differs({ class: 'value', pairs: [] })
  if (!rules.sortsHidden) return { kind: 'equal' }
  const inTurn = compareAnswers(sqlite, postgres, { ...rules, order: 'total' })
  return inTurn === null ? { kind: 'equal' } : differs(inTurn, true)
}
