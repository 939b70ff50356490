import { messageOf } from '../core/errors.ts'
import type { Answer, DivergenceClass } from './compare.ts'

/** The statement that a hook is asked about; never its arguments. */
export interface HookedStatement {
  readonly sql: string
  readonly fingerprint: string
  readonly tables: readonly string[]
}

/** An answer as hooks see it: integers are bigints and reals numbers. */
export type HookedAnswer = Answer

/**
 * The application's say in comparisons, as in GitHub's Scientist. One that throws is a `hook-failed` event, and the
 * comparison goes on without it. None is given more than `shadow.maxRows` rows, and none may change what it is given.
 */
export interface ShadowHooks {
  /** What to compare instead of an answer: without a column that is set anew with each write, for one. */
  readonly clean?: (answer: HookedAnswer, statement: HookedStatement) => HookedAnswer
  /** Decides instead of the rules: true for equal, false for different, undefined to leave it to them. */
  readonly compare?: (
    sqlite: HookedAnswer,
    postgres: HookedAnswer,
    statement: HookedStatement,
  ) => boolean | undefined
  /** Whether a confirmed difference is none that matters. */
  readonly ignore?: (
    difference: { readonly class: DivergenceClass },
    statement: HookedStatement,
  ) => boolean
}

export type HookName = keyof ShadowHooks

/** The same hooks, which never throw. */
export interface SafeHooks {
  clean(answer: Answer, statement: HookedStatement): Answer
  compare(sqlite: Answer, postgres: Answer, statement: HookedStatement): boolean | undefined
  ignore(difference: { readonly class: DivergenceClass }, statement: HookedStatement): boolean
}

export function createSafeHooks(
  hooks: ShadowHooks,
  onFailure: (hook: HookName, message: string) => void,
): SafeHooks {
  const call = (hook: HookName, work: () => unknown): unknown => {
    try {
      const result = work()
      // A promise decides nothing here, and must not end the process where it is rejected.
      if (result instanceof Promise)
        result.catch((error: unknown) => onFailure(hook, messageOf(error)))
      return result
    } catch (error) {
      onFailure(hook, messageOf(error))
      return undefined
    }
  }
  return {
    clean(answer, statement) {
      if (hooks.clean === undefined) return answer
      const cleaned = call('clean', () => hooks.clean?.(answer, statement))
      return isAnswer(cleaned) ? cleaned : answer
    },
    compare(sqlite, postgres, statement) {
      const decided = call('compare', () => hooks.compare?.(sqlite, postgres, statement))
      return typeof decided === 'boolean' ? decided : undefined
    },
    ignore: (difference, statement) =>
      call('ignore', () => hooks.ignore?.(difference, statement)) === true,
  }
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null) return false
  const { names, rows } = value as Partial<Answer>
  return Array.isArray(names) && Array.isArray(rows) && rows.every((row) => Array.isArray(row))
}
