import type { Settings } from '../core/settings.ts'
import type { ShadowHooks } from '../shadow/hooks.ts'

/** How shadow reads run and what counts as equal; how many there are says the flag `shadow.sample`. */
export interface ShadowSettings extends ShadowHooks {
  /** So many runs of each statement are always compared, or rehearsed, so that rare statements are seen as well. */
  readonly firstRuns?: number
  /** Reads that run at once, and those that wait for them; one more is dropped and counted. */
  readonly concurrency?: number
  readonly maxQueued?: number
  /** A read that takes longer on a place is given up there. */
  readonly timeoutMs?: number
  /** An answer with more rows, or more bytes, is not compared. */
  readonly maxRows?: number
  readonly maxBytes?: number
  /** How many units in the last place two REALs may be apart that the statement computes. */
  readonly ulps?: number
  /** Keep what differs beside a divergence. It is the application's data: mind where it goes. */
  readonly values?: boolean
  /** What a rehearsal of a write batch may take: time, statements, and rows that change. A larger one is left out. */
  readonly rehearseMaxMs?: number
  readonly rehearseMaxStatements?: number
  readonly rehearseMaxRows?: number
  /** Statements that are not compared, by their fingerprint. */
  readonly ignoreStatements?: readonly string[]
  /** Columns that are not compared, as `table.column`. */
  readonly ignoreColumns?: readonly string[]
}

export interface ResolvedShadow {
  readonly firstRuns: number
  readonly concurrency: number
  readonly maxQueued: number
  readonly timeoutMs: number
  readonly maxRows: number
  readonly maxBytes: number
  readonly ulps: number
  readonly values: boolean
  readonly rehearseMaxMs: number
  readonly rehearseMaxStatements: number
  readonly rehearseMaxRows: number
  readonly ignoreStatements: readonly string[]
  readonly ignoreColumns: readonly string[]
  readonly hooks: ShadowHooks
}

export function shadowFrom(shadow: Settings): ResolvedShadow {
  const clean = shadow.function('clean') as ShadowHooks['clean']
  const compare = shadow.function('compare') as ShadowHooks['compare']
  const ignore = shadow.function('ignore') as ShadowHooks['ignore']
  return {
    firstRuns: shadow.integer('firstRuns', { fallback: 10, min: 0 }),
    concurrency: shadow.integer('concurrency', { fallback: 2, min: 1, max: 100 }),
    maxQueued: shadow.integer('maxQueued', { fallback: 100, min: 0 }),
    timeoutMs: shadow.integer('timeoutMs', { fallback: 5000, min: 1, max: 2 ** 31 - 1 }),
    maxRows: shadow.integer('maxRows', { fallback: 1000, min: 1 }),
    maxBytes: shadow.integer('maxBytes', { fallback: 1024 * 1024, min: 1 }),
    ulps: shadow.integer('ulps', { fallback: 16, min: 0 }),
    values: shadow.boolean('values', false),
    rehearseMaxMs: shadow.integer('rehearseMaxMs', { fallback: 250, min: 1, max: 60_000 }),
    rehearseMaxStatements: shadow.integer('rehearseMaxStatements', { fallback: 500, min: 1 }),
    rehearseMaxRows: shadow.integer('rehearseMaxRows', { fallback: 1000, min: 1 }),
    ignoreStatements: names(shadow, 'ignoreStatements', /^[0-9a-f]{16}$/, 'fingerprints'),
    ignoreColumns: names(shadow, 'ignoreColumns', /^.+\..+$/, 'columns as table.column'),
    hooks: Object.freeze({
      ...(clean !== undefined && { clean }),
      ...(compare !== undefined && { compare }),
      ...(ignore !== undefined && { ignore }),
    }),
  }
}

function names(shadow: Settings, key: string, form: RegExp, what: string): readonly string[] {
  const given = shadow.value(key) ?? []
  if (!Array.isArray(given) || !given.every((one) => typeof one === 'string' && form.test(one)))
    throw shadow.refuse(key, `must be a list of ${what}`)
  return Object.freeze([...(given as string[])])
}
