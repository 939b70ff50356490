import { LockstepError } from '../core/errors.ts'
import { describeValue, isRecord } from '../core/record.ts'
import { didYouMean, didYouMeanOneOf } from '../core/suggest.ts'
import type { PlaceName } from '../place/place.ts'

/** What an operator turns while the application runs. Percentages go from 0 to 100. */
export interface Flags {
  /** Keep the secondary up to date. */
  readonly mirror: boolean
  /** The place that takes the writes; its change starts a flip with its gates, once, in the process that leads. */
  readonly primary: PlaceName
  readonly reads: {
    /** Percent of reads that PostgreSQL serves. */
    readonly postgres: number
    /** Percent by table, by lower-case name; it wins over `postgres`. */
    readonly tables: Readonly<Record<string, number>>
  }
  readonly shadow: {
    /** Percent of reads that also run on the other place and are compared. */
    readonly sample: number
    /** Percent of write batches rehearsed on PostgreSQL before a flip. */
    readonly rehearse: number
  }
  /** A write returns when the primary has committed, or when both places have. */
  readonly ack: 'primary' | 'both'
}

export interface FlagsPatch {
  readonly mirror?: boolean
  readonly primary?: PlaceName
  readonly reads?: {
    readonly postgres?: number
    /** Merged into the tables in force; null takes a table's own percentage away. */
    readonly tables?: Readonly<Record<string, number | null>>
  }
  readonly shadow?: { readonly sample?: number; readonly rehearse?: number }
  readonly ack?: 'primary' | 'both'
}

/** A part of the journey, by name. */
export type Stage = 'off' | 'mirror' | 'shadow' | 'ramp' | 'flipped' | 'complete'

export const defaultFlags: Flags = freeze({
  mirror: true,
  primary: 'sqlite',
  reads: { postgres: 0, tables: {} },
  shadow: { sample: 5, rehearse: 5 },
  ack: 'primary',
})

/**
 * Complete flags from what a file or a table holds; what is left out takes its default. Unknown keys and
 * values out of range are `FLAGS_INVALID`, with a message that names the key.
 */
export function parseFlags(raw: unknown): Flags {
  return mergeFlags(defaultFlags, parseFlagsPatch(raw ?? {}))
}

/** The same checks for a part of the flags. */
export function parseFlagsPatch(raw: unknown): FlagsPatch {
  checkGroup(raw, 'flags', '', {
    mirror: checkBoolean,
    primary: oneOf('sqlite', 'postgres'),
    reads: (value, key) => checkGroup(value, key, key, { postgres: percent, tables: checkTables }),
    shadow: (value, key) => checkGroup(value, key, key, { sample: percent, rehearse: percent }),
    ack: oneOf('primary', 'both'),
  })
  return raw as FlagsPatch
}

/** `patch` over `flags`, checked as `parseFlags` does. */
export function mergeFlags(flags: Flags, patch: FlagsPatch): Flags {
  const { reads = {}, shadow = {}, ...rest } = parseFlagsPatch(patch)
  return freeze({
    ...flags,
    ...defined(rest),
    reads: {
      postgres: reads.postgres ?? flags.reads.postgres,
      tables: mergeTables(flags.reads.tables, reads.tables ?? {}),
    },
    shadow: { ...flags.shadow, ...defined(shadow) },
  })
}

/**
 * The name of the journey's part that the flags stand for. Where writes go counts before what reads do:
 *
 *   off ──> mirror ──> shadow ──> ramp ──> flipped ──> complete
 */
export function stageOf(
  flags: Flags,
  facts: { primary: PlaceName; complete: boolean; installed: boolean },
): Stage {
  if (facts.complete) return 'complete'
  if (!facts.installed) return 'off'
  if (facts.primary === 'postgres') return 'flipped'
  if (!flags.mirror) return 'off'
  const percents = [flags.reads.postgres, ...Object.values(flags.reads.tables)]
  if (percents.some((value) => value > 0)) return 'ramp'
  return flags.shadow.sample > 0 ? 'shadow' : 'mirror'
}

type Check = (value: unknown, key: string) => void

function checkGroup(
  raw: unknown,
  name: string,
  prefix: string,
  checks: Record<string, Check>,
): void {
  if (!isRecord(raw)) throw refused(name, `must be an object, not ${describeValue(raw)}`)
  for (const [key, value] of Object.entries(raw)) {
    const path = prefix === '' ? key : `${prefix}.${key}`
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    if (!check)
      throw refused(
        path,
        `is not a flag.${nested(path, value) ?? didYouMeanOneOf(key, Object.keys(checks))}`,
      )
    if (value !== undefined) check(value, path)
  }
}

/** A path as the command line takes it, in one key, in the form that is meant here. */
function nested(path: string, value: unknown): string | null {
  const known = /^(?:reads\.(?:postgres|tables\..+)|shadow\.(?:sample|rehearse))$/
  if (!known.test(path)) return null
  const [group = '', second = '', ...table] = path.split('.')
  const name = table.join('.')
  const inner = name === '' ? describeValue(value) : `{ ${name}: ${describeValue(value)} }`
  return ` Write { ${group}: { ${second}: ${inner} } }`
}

function checkBoolean(value: unknown, key: string): void {
  if (typeof value === 'boolean') return
  throw refused(key, `must be true or false, not ${describeValue(value)}`)
}

function oneOf(...words: readonly string[]): Check {
  return (value, key) => {
    if (typeof value === 'string' && words.includes(value)) return
    const hint = typeof value === 'string' ? `.${didYouMean(value, words)}` : ''
    throw refused(key, `must be ${words.join(' or ')}, not ${describeValue(value)}${hint}`)
  }
}

function percent(value: unknown, key: string): void {
  if (typeof value === 'number' && value >= 0 && value <= 100) return
  throw refused(key, `must be a number from 0 to 100, not ${describeValue(value)}`)
}

function checkTables(value: unknown, key: string): void {
  if (!isRecord(value)) throw refused(key, `must be an object, not ${describeValue(value)}`)
  for (const [table, share] of Object.entries(value)) {
    if (share !== null && share !== undefined) percent(share, `${key}.${table}`)
  }
}

function refused(key: string, problem: string): LockstepError {
  return new LockstepError('FLAGS_INVALID', `${key} ${problem}`, { details: { key } })
}

/** SQLite compares the names of tables without case. */
function mergeTables(
  tables: Readonly<Record<string, number>>,
  patch: Readonly<Record<string, number | null>>,
): Record<string, number> {
  const merged = new Map(Object.entries(tables))
  for (const [table, share] of Object.entries(patch)) {
    const name = table.toLowerCase()
    if (share === null) merged.delete(name)
    else if (share !== undefined) merged.set(name, share)
  }
  return Object.fromEntries(merged)
}

function defined<T extends object>(part: T): Partial<T> {
  const entries = Object.entries(part).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<T>
}

function freeze(flags: Flags): Flags {
  Object.freeze(flags.reads.tables)
  Object.freeze(flags.reads)
  Object.freeze(flags.shadow)
  return Object.freeze(flags)
}
