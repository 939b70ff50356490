import { z } from '@hono/zod-openapi'
import type {
  AdvanceReport,
  AuditEntry,
  FlipReport,
  QuarantinedRow,
  Readiness,
  Status,
  VerifyReport,
} from '../api.ts'
import type { Flags } from '../route/flags.ts'
import type { ProblemBody } from './problem.ts'

// What the routes answer, for the OpenAPI document; the compiler holds each to the library's own type.

const place = z.enum(['sqlite', 'postgres'])
const stage = z.enum(['off', 'mirror', 'shadow', 'ramp', 'flipped', 'complete'])
export const count: z.ZodNumber = z.number().int().min(0)
const percent = z.number().min(0).max(100)

/** How shadow reads ended, as `status().counters.shadow` has it. */
export const shadowCounts: z.ZodType<
  Pick<Status['counters']['shadow'], 'runs' | 'equal' | 'transient' | 'divergent' | 'dropped'>
> = z.object({
  runs: count,
  equal: count,
  transient: count,
  divergent: count,
  dropped: count,
})

export const problem: z.ZodType<ProblemBody> = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'GATE_REFUSED' }),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  })
  .openapi('Problem')

export const flagsAnswer: z.ZodType<Flags> = z
  .object({
    mirror: z.boolean(),
    primary: place,
    reads: z.object({ postgres: percent, tables: z.record(z.string(), percent) }),
    shadow: z.object({ sample: percent, rehearse: percent }),
    ack: z.enum(['primary', 'both']),
  })
  .openapi('Flags')

/** What clients may rely on; the library's answer may have more. */
type ShownStatus = Pick<
  Status,
  | 'stage'
  | 'primary'
  | 'epoch'
  | 'state'
  | 'postgres'
  | 'lag'
  | 'quarantine'
  | 'divergences'
  | 'divergentWrites'
  | 'flags'
  | 'flagsRefused'
  | 'flagsUnmet'
  | 'backfilled'
  | 'standstill'
  | 'breaker'
> & {
  applier: Pick<Status['applier'], 'leader' | 'running' | 'state' | 'reason' | 'batches' | 'rows'>
  counters: Pick<Counters, 'writes' | 'reads' | 'fallbacks' | 'degraded' | 'held'> & {
    shadow: Pick<Counters['shadow'], 'runs' | 'equal' | 'transient' | 'divergent' | 'dropped'>
  }
}
type Counters = Status['counters']

export const statusAnswer: z.ZodType<ShownStatus> = z
  .looseObject({
    stage,
    primary: place,
    epoch: count,
    state: z.enum(['open', 'draining', 'committing', 'moved']),
    postgres: z.object({ reachable: z.boolean(), reason: z.string().nullable() }),
    lag: z.object({ entries: count, ms: z.number().min(0) }),
    quarantine: count,
    divergences: count,
    divergentWrites: count,
    flags: flagsAnswer,
    flagsRefused: z.string().nullable(),
    flagsUnmet: z.string().nullable(),
    backfilled: z.boolean(),
    standstill: z.string().nullable(),
    applier: z.looseObject({
      leader: z.boolean(),
      running: z.boolean(),
      state: z.enum(['idle', 'applying', 'waiting', 'stopped']),
      reason: z.string().nullable(),
      batches: count,
      rows: count,
    }),
    breaker: z.enum(['closed', 'open']),
    counters: z.looseObject({
      writes: count,
      reads: z.object({ sqlite: count, postgres: count }),
      fallbacks: count,
      degraded: count,
      held: count,
      shadow: shadowCounts,
    }),
  })
  .openapi('Status')

const figure = z.union([z.string(), z.number(), z.boolean()])

export const readyAnswer: z.ZodType<Readiness> = z
  .object({
    ready: z.boolean(),
    gates: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        value: figure,
        bound: figure,
        detail: z.string(),
      }),
    ),
  })
  .openapi('Readiness')

export const flipAnswer: z.ZodType<FlipReport> = z
  .object({ from: place, to: place, epoch: count, pauseMs: z.number(), drained: count })
  .openapi('FlipReport')

export const advanceAnswer: z.ZodType<AdvanceReport> = z
  .object({
    from: stage,
    to: stage,
    flags: flagsAnswer,
    flip: z.union([flipAnswer, z.null()]),
  })
  .openapi('AdvanceReport')

/** The key is null unless an operator asked for keys. */
export type ShownRow = Omit<QuarantinedRow, 'key'> & { readonly key: string | null }

export const quarantineAnswer: z.ZodType<{ total: number; rows: ShownRow[] }> = z
  .object({
    total: count,
    rows: z.array(
      z.object({
        table: z.string(),
        key: z.string().nullable(),
        column: z.string().nullable(),
        reason: z.string(),
        atMs: count,
      }),
    ),
  })
  .openapi('Quarantine')

export const auditAnswer: z.ZodType<{ entries: AuditEntry[] }> = z
  .object({
    entries: z.array(
      z.object({
        id: count,
        atMs: count,
        action: z.string(),
        detail: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .openapi('Audit')

/** Keys and values are left out unless they were asked for. */
export type ShownVerify = Omit<VerifyReport, 'differences'> & {
  readonly differences: readonly (Omit<Difference, 'key' | 'values'> & {
    readonly key: string | null
    readonly values?: Difference['values'] | undefined
  })[]
}
type Difference = VerifyReport['differences'][number]

export const verifyAnswer: z.ZodType<ShownVerify> = z
  .object({
    equal: z.boolean(),
    tables: z.array(
      z.object({
        table: z.string(),
        rows: count,
        equal: z.boolean(),
        missing: count,
        extra: count,
        different: count,
      }),
    ),
    differences: z
      .object({
        table: z.string(),
        key: z.string().nullable(),
        column: z.string().nullable(),
        class: z.enum(['missing', 'extra', 'value', 'type']),
        values: z.object({ sqlite: z.string(), postgres: z.string() }).optional(),
      })
      .array()
      .readonly(),
    problems: z.array(
      z.object({
        kind: z.enum(['key', 'index', 'constraint', 'sequence', 'view']),
        table: z.string(),
        message: z.string(),
      }),
    ),
  })
  .openapi('VerifyReport')

export const repairAnswer: z.ZodType<{ rows: number; unknown: number }> = z
  .object({ rows: count, unknown: count })
  .openapi('RepairReport')
