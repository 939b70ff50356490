import { resolve } from 'node:path'
import { autopilotFrom } from './autopilot-options.ts'
import { LockstepError, messageOf } from '../core/errors.ts'
import { readSettings } from '../core/settings.ts'
import { didYouMean } from '../core/suggest.ts'
import type { Settings } from '../core/settings.ts'
import { overridesFrom } from './override-options.ts'
import type { OverridesOption, ResolvedOverrides } from './override-options.ts'
import { postgresFrom, sqliteFrom } from './place-options.ts'
import type {
  PostgresSettings,
  ResolvedPostgres,
  ResolvedSqlite,
  SqliteSettings,
} from './place-options.ts'
import type { BackfillSettings } from '../move/backfill.ts'
import type { AutopilotSettings } from '../cutover/autopilot.ts'
import type { GateBounds } from '../cutover/evidence-gates.ts'
import { gatesFrom, rampFrom, type RampSettings } from './gate-options.ts'
import { defaultFlags, parseFlags } from '../route/flags.ts'
import type { Flags, FlagsPatch } from '../route/flags.ts'
import type { OpenFeatureClient } from '../route/flags-openfeature.ts'
import { shadowFrom, type ResolvedShadow, type ShadowSettings } from './shadow-options.ts'
import { parsePostgresType, typeNames } from '../values/postgres-type.ts'
import type { PostgresType } from '../values/value.ts'

/** What an application gives to `createLockstep`. `defaults` below has what is left out. */
export interface LockstepOptions {
  readonly sqlite: SqliteSettings
  /** Without connection settings the PG* variables count, as for every client of PostgreSQL. */
  readonly postgres?: PostgresSettings
  /**
   * Without it the flags are kept in the control tables and begin as `defaultFlags`. With `required: false`
   * a file that is missing or bad at the start is no error: `status` says so, and the defaults are in force.
   */
  readonly flags?:
    | { readonly file: string; readonly required?: boolean }
    | { readonly initial: FlagsPatch }
    | { readonly openfeature: OpenFeatureClient; readonly initial?: FlagsPatch }
  readonly applier?: Partial<ApplierSettings>
  readonly backfill?: Partial<BackfillSettings>
  /** How long a write with `ack: both` waits for the secondary. */
  readonly ackTimeoutMs?: number
  /** What a write gets that the secondary did not confirm in time: its result, or an error. */
  readonly onUnconfirmed?: 'degrade' | 'error'
  readonly reads?: Partial<ReadSettings>
  readonly writes?: Partial<WriteSettings>
  readonly flip?: Partial<FlipSettings>
  /** What `ready` asks for, and so a flip and `advance`. */
  readonly gates?: Partial<GateBounds>
  readonly ramp?: Partial<RampSettings>
  /** What moves reads by itself. It never flips. */
  readonly autopilot?: Partial<AutopilotSettings>
  readonly shadow?: ShadowSettings
  /** PostgreSQL types of single columns, by `table.column`, instead of those that the data suggests. */
  readonly columns?: Readonly<Record<string, PostgresType>>
  /** Statements for PostgreSQL that were written by hand, instead of the translator's. */
  readonly overrides?: OverridesOption
  readonly testing?: Partial<TestingSettings>
}

export interface ApplierSettings {
  /** False leaves the work to other processes, such as `lockstep run`. */
  readonly enabled: boolean
  readonly maxEntries: number
  readonly maxBytes: number
  readonly idlePollMs: number
  readonly leaderPollMs: number
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** Journal entries above which repeated changes of one row are made one. */
  readonly compactAbove: number
}

export interface ReadSettings {
  /** How long a session's read waits for its own writes before it goes to the primary. */
  readonly waitMs: number
  /** A secondary that is further behind serves no reads. */
  readonly maxLagMs: number
}

export interface WriteSettings {
  /** Writes that wait while a flip is under way; one more is `WRITE_QUEUE_FULL`. */
  readonly maxHeld: number
  readonly maxHeldMs: number
  /** For how long a transaction may stay open without a statement under way; then it is rolled back. */
  readonly maxTransactionIdleMs: number
  /** How often a transaction runs again after a serialization failure. */
  readonly maxRetries: number
}

export interface FlipSettings {
  readonly pauseBudgetMs: number
  /** How long a flip ships what waits, while writes run, before it gives up and holds none. */
  readonly catchUpTimeoutMs: number
}

export interface TestingSettings {
  /** Called at every named pause point; a promise holds the work there. */
  readonly reach: (point: string) => void | Promise<void>
}

/** Every option, with its default where it was left out. Connections are as they were given. */
export interface ResolvedOptions {
  readonly sqlite: ResolvedSqlite
  readonly postgres: ResolvedPostgres
  readonly flags:
    | { readonly kind: 'file'; readonly file: string; readonly required: boolean }
    | { readonly kind: 'table'; readonly initial: Flags }
    | { readonly kind: 'openfeature'; readonly client: OpenFeatureClient; readonly initial: Flags }
  readonly applier: ApplierSettings
  readonly backfill: BackfillSettings
  readonly ackTimeoutMs: number
  readonly onUnconfirmed: 'degrade' | 'error'
  readonly reads: ReadSettings
  readonly writes: WriteSettings
  readonly flip: FlipSettings
  readonly gates: GateBounds
  readonly ramp: RampSettings
  readonly autopilot: AutopilotSettings
  readonly shadow: ResolvedShadow
  readonly columns: Readonly<Record<string, PostgresType>>
  readonly overrides: ResolvedOverrides
  readonly testing: TestingSettings
}

/**
 * One deeply frozen object. Unknown keys, values out of range and contradictions are `CONFIG_INVALID`
 * with the key and, where one is near, the key that was meant. Paths are resolved against `cwd`.
 */
export function resolveOptions(raw: LockstepOptions, cwd: string = process.cwd()): ResolvedOptions {
  const settings = readSettings(raw)
  const reads = group(settings, 'reads', (given) => ({
    waitMs: given.integer('waitMs', { fallback: 50, min: 0 }),
    maxLagMs: given.integer('maxLagMs', { fallback: 5000, min: 0 }),
  }))
  const rest = {
    reads,
    gates: group(settings, 'gates', (gates) => gatesFrom(gates, reads.maxLagMs)),
    ramp: group(settings, 'ramp', rampFrom),
    autopilot: group(settings, 'autopilot', autopilotFrom),
    postgres: group(settings, 'postgres', postgresFrom),
    flags: group(settings, 'flags', (flags) => flagsFrom(flags, cwd)),
    applier: group(settings, 'applier', applierFrom),
    backfill: group(settings, 'backfill', backfillFrom),
    ackTimeoutMs: settings.integer('ackTimeoutMs', { fallback: 5000, min: 1 }),
    onUnconfirmed: settings.choice('onUnconfirmed', ['degrade', 'error'], 'degrade'),
    writes: group(settings, 'writes', (writes) => ({
      maxHeld: writes.integer('maxHeld', { fallback: 10_000, min: 0 }),
      maxHeldMs: writes.integer('maxHeldMs', { fallback: 30_000, min: 1 }),
      maxTransactionIdleMs: writes.integer('maxTransactionIdleMs', { fallback: 30_000, min: 1 }),
      maxRetries: writes.integer('maxRetries', { fallback: 20, min: 0 }),
    })),
    flip: group(settings, 'flip', (flip) => ({
      pauseBudgetMs: flip.integer('pauseBudgetMs', { fallback: 1000, min: 1 }),
      catchUpTimeoutMs: flip.integer('catchUpTimeoutMs', { fallback: 30_000, min: 1 }),
    })),
    shadow: group(settings, 'shadow', shadowFrom),
    columns: columnsFrom(settings.value('columns')),
    overrides: Object.freeze(overridesFrom(settings, cwd)),
    testing: group(settings, 'testing', (testing) => ({
      reach:
        (testing.function('reach') as TestingSettings['reach'] | undefined) ?? (() => undefined),
    })),
  }
  // Before what must be given is missed, so that a misspelled key is told as one.
  settings.value('sqlite')
  settings.done()
  const sqlite = group(settings, 'sqlite', (given) => sqliteFrom(given, cwd))
  return Object.freeze({ sqlite, ...rest })
}

function group<T>(settings: Settings, key: string, read: (group: Settings) => T): T {
  const inner = settings.group(key)
  const value = read(inner)
  inner.done()
  return Object.freeze(value)
}

function flagsFrom(flags: Settings, cwd: string): ResolvedOptions['flags'] {
  const file = flags.text('file')
  const client = flags.value('openfeature') as OpenFeatureClient | undefined
  const initial = flags.value('initial')
  const required = flags.boolean('required', true)
  if (file !== undefined) {
    if (client !== undefined || initial !== undefined) {
      throw flags.refuse('file', 'cannot be given beside flags.openfeature or flags.initial')
    }
    return { kind: 'file', file: resolve(cwd, file), required }
  }
  if (flags.has('required')) throw flags.refuse('required', 'is for flags.file only')
  const start = initial === undefined ? defaultFlags : initialFrom(flags, initial)
  if (client === undefined) return { kind: 'table', initial: start }
  if (typeof client.getBooleanDetails === 'function' && typeof client.addHandler === 'function') {
    return { kind: 'openfeature', client, initial: start }
  }
  throw flags.refuse('openfeature', 'must be a client of the OpenFeature server SDK')
}

function initialFrom(flags: Settings, initial: unknown): Flags {
  try {
    return parseFlags(initial)
  } catch (error) {
    const { message } = flags.refuse('initial', `is refused: ${messageOf(error)}`)
    throw new LockstepError('CONFIG_INVALID', message, {
      details: { key: 'flags.initial' },
      cause: error,
    })
  }
}

function applierFrom(applier: Settings): ApplierSettings {
  const settings = {
    enabled: applier.boolean('enabled', true),
    maxEntries: applier.integer('maxEntries', { fallback: 2000, min: 1 }),
    maxBytes: applier.integer('maxBytes', { fallback: 8 * 1024 * 1024, min: 1 }),
    idlePollMs: applier.integer('idlePollMs', { fallback: 20, min: 1 }),
    leaderPollMs: applier.integer('leaderPollMs', { fallback: 1000, min: 1 }),
    retryMinMs: applier.integer('retryMinMs', { fallback: 100, min: 1 }),
    retryMaxMs: applier.integer('retryMaxMs', { fallback: 5000, min: 1 }),
    compactAbove: applier.integer('compactAbove', { fallback: 50_000, min: 1 }),
  }
  if (settings.retryMinMs <= settings.retryMaxMs) return settings
  throw applier.refuse('retryMinMs', 'must not be above applier.retryMaxMs')
}

function backfillFrom(backfill: Settings): BackfillSettings {
  return {
    concurrency: backfill.integer('concurrency', { fallback: 2, min: 1, max: 16 }),
    rowsPerRange: backfill.integer('rowsPerRange', { fallback: 20_000, min: 1 }),
    maxActive: backfill.integer('maxActive', { fallback: 20, min: 0 }),
    maxLagMs: backfill.integer('maxLagMs', { fallback: 10_000, min: 0 }),
  }
}

function columnsFrom(raw: unknown): ResolvedOptions['columns'] {
  const columns = readSettings(raw ?? {}, 'columns')
  const entries = Object.keys(raw ?? {}).map((name): [string, PostgresType] => {
    if (!/^.+\..+$/.test(name)) throw columns.refuse(name, 'must be named as table.column')
    const given = columns.value(name)
    const type = typeof given === 'string' ? parsePostgresType(given) : undefined
    if (type === undefined) {
      const hint = typeof given === 'string' ? `.${didYouMean(given, typeNames)}` : ''
      throw columns.refuse(name, `must be one of ${typeNames.join(', ')}${hint}`)
    }
    return [name, type]
  })
  return Object.freeze(Object.fromEntries(entries))
}
