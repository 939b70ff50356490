import type { Lockstep, LockstepEvents, VerifyCheckpoint } from '../api.ts'
import { checkOptions, type Check } from '../core/arguments.ts'
import { describeValue, isRecord } from '../core/record.ts'
import { didYouMeanOneOf } from '../core/suggest.ts'
import type { FlagsPatch } from '../route/flags.ts'

/** What timers take; a longer time would end at once. https://nodejs.org/api/timers.html */
const maxTimerMs = 2 ** 31 - 1

/** Whether it looks like the progress of a verify; `runOf` says of which one. */
export function isCheckpoint(value: unknown): value is VerifyCheckpoint {
  return (
    isRecord(value) &&
    isRecord(value['of']) &&
    Number.isFinite(value['of']['begunAtMs']) &&
    Array.isArray(value['done']) &&
    Array.isArray(value['differences'])
  )
}

const truth: Check = (value) => (typeof value === 'boolean' ? null : 'true or false')
const callback: Check = (value) => (typeof value === 'function' ? null : 'a function')
const signal: Check = (value) => (value instanceof AbortSignal ? null : 'an AbortSignal')
const name: Check = (value) => (typeof value === 'string' && value !== '' ? null : 'a name')
const texts: Check = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? null : 'a list of texts'
const keys: Check = (value) =>
  Array.isArray(value)
    ? null
    : 'a list of keys, such as [7, 8], or [[7, 2]] where a key has columns'
const milliseconds =
  (min: number): Check =>
  (value) =>
    typeof value === 'number' && value >= min && value <= maxTimerMs
      ? null
      : `a number of milliseconds from ${min} to ${maxTimerMs}`

const percent: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= 100
    ? null
    : 'a percentage, more than 0 and at most 100'
const checkpoint: Check = (value) => (isCheckpoint(value) ? null : 'what onCheckpoint was given')
const verified: Check = (value) =>
  isRecord(value) &&
  ['tables', 'differences', 'problems'].every((part) => Array.isArray(value[part]))
    ? null
    : 'what verify has returned'
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value) ? null : words.join(' or ')

const count =
  (max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= max
      ? null
      : `a whole number from 1 to ${max}`

const force = { force: truth }
const flip = { pauseBudgetMs: milliseconds(1), ...force }
const progress = { onProgress: callback, signal }

interface StepOptions {
  /** Their place among the arguments. */
  readonly at: number
  readonly options: Readonly<Record<string, Check>>
  readonly required?: readonly string[]
}

/** The steps that take options. */
const steps: Readonly<Record<string, StepOptions>> = {
  backup: {
    at: 0,
    options: { file: name, postgres: name, timeoutMs: milliseconds(1), ...progress },
    required: ['file'],
  },
  restore: { at: 0, options: { file: name, ...force, ...progress }, required: ['file'] },
  export: {
    at: 0,
    options: {
      directory: name,
      format: oneOf('csv', 'jsonl'),
      from: oneOf('sqlite', 'postgres'),
      ...progress,
    },
    required: ['directory', 'format'],
  },
  assess: { at: 0, options: { sql: texts, ...progress } },
  uninstall: { at: 0, options: force },
  syncSchema: { at: 0, options: { apply: truth } },
  backfill: { at: 0, options: progress },
  verify: {
    at: 0,
    options: {
      tables: texts,
      sample: percent,
      values: truth,
      onCheckpoint: callback,
      resume: checkpoint,
      snapshotMs: milliseconds(0),
      thread: truth,
      ...progress,
    },
  },
  repair: { at: 0, options: { table: name, keys, from: verified, discard: truth } },
  statements: {
    at: 0,
    options: {
      sort: oneOf('calls', 'slowest', 'recent', 'repeated', 'divergent'),
      table: name,
      translation: oneOf('unseen', 'translated', 'refused'),
      repeated: truth,
      limit: count(10_000),
    },
  },
  divergences: { at: 0, options: { state: oneOf('open', 'resolved', 'ignored') } },
  repairDivergence: { at: 0, options: { id: name }, required: ['id'] },
  ignoreDivergence: { at: 0, options: { id: name, reason: name }, required: ['id', 'reason'] },
  advance: { at: 0, options: { pauseBudgetMs: milliseconds(1) } },
  flip: { at: 1, options: flip },
  rollback: { at: 0, options: { ...flip, acceptLoss: truth } },
  complete: { at: 0, options: force },
  caughtUp: { at: 0, options: { timeoutMs: milliseconds(0) } },
  quarantine: { at: 0, options: { limit: count(10_000) } },
  audit: { at: 0, options: { limit: count(10_000), before: count(Number.MAX_SAFE_INTEGER) } },
} satisfies Partial<Record<keyof Lockstep | 'restore', StepOptions>>

/** @throws TypeError for options of a step that are misspelled, or not what they must be */
export function checkStep(step: string, args: readonly unknown[]): void {
  const known = Object.hasOwn(steps, step) ? steps[step] : undefined
  if (known !== undefined) checkOptions(step, args[known.at], known.options, known.required)
}

/** The same steps, each of which rejects what `checkStep` refuses before it begins. */
export function checkEach<T extends object>(calls: T): T {
  type Call = (...args: never[]) => Promise<unknown>
  const checked = Object.entries(calls).map(([step, call]: [string, Call]) => [
    step,
    async (...args: never[]): Promise<unknown> => {
      checkStep(step, args)
      return call(...args)
    },
  ])
  return Object.fromEntries(checked) as T
}

const events: Record<keyof LockstepEvents, true> = {
  quarantine: true,
  flip: true,
  'flip-cancelled': true,
  degraded: true,
  drift: true,
  breaker: true,
  leader: true,
  flags: true,
  'flags-refused': true,
  'flags-unmet': true,
  finding: true,
  fallback: true,
  autopilot: true,
  divergence: true,
  'hook-failed': true,
  error: true,
}

/** @throws TypeError for an event that never comes */
export function checkEvent(event: unknown): void {
  if (typeof event === 'string' && Object.hasOwn(events, event)) return
  const hint = didYouMeanOneOf(typeof event === 'string' ? event : '', Object.keys(events))
  throw new TypeError(`${describeValue(event)} is not an event.${hint}`)
}

/** What is in the patch has checks of its own, whose failure is FLAGS_INVALID. */
export function checkPatch(patch: unknown): asserts patch is FlagsPatch {
  if (isRecord(patch)) return
  throw new TypeError(
    `Expected the flags to be an object, such as { mirror: false }, not ${describeValue(patch)}`,
  )
}
