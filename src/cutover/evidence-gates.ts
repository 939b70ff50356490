import type { Gate } from '../api.ts'
import { gate } from './gate.ts'

/** What the gates ask for. Docs of each default and its reason: docs/guides/readiness.md. */
export interface GateBounds {
  readonly maxLagMs: number
  readonly maxQuarantined: number
  /** Rows that differ by open divergences. */
  readonly maxDivergences: number
  /** Writes that a rehearsal has seen go another way on PostgreSQL. */
  readonly maxDivergentWrites: number
  /** How old the last whole verify, or the backfill, may be; 0 does not ask. */
  readonly verifyMaxAgeMs: number
  /** How old the last backup may be; 0 does not ask. */
  readonly backupMaxAgeMs: number
  /** Statements that were not seen for so long do not count. */
  readonly statementWindowMs: number
  /** Statements without a form on PostgreSQL. */
  readonly maxUntranslated: number
  /** Equal comparisons that each read needs; 0 does not ask. */
  readonly minComparisons: number
  /** Equal rehearsals that each write needs; 0 does not ask. */
  readonly minRehearsals: number
  /** Percent of the reads of PostgreSQL that failed there and not on SQLite. */
  readonly maxErrorPercent: number
  /** 99 of 100 reads of PostgreSQL take at most so long; 0 does not ask. */
  readonly maxP99Ms: number
}

/** What is known beside the state of both places. Times are in milliseconds since 1970. */
export interface Evidence {
  readonly nowMs: number
  readonly proven: { readonly atMs: number; readonly by: ProofKind; readonly equal: boolean } | null
  readonly backedUpAtMs: number | null
  /** Rows that differ by open divergences. */
  readonly divergences: number
  readonly divergentWrites: number
  readonly statements: Parity
  /** Reads that PostgreSQL served, or failed to serve, in the last minutes, in all processes. */
  readonly served: { readonly reads: number; readonly errors: number; readonly p99Ms: number }
}

export type ProofKind = 'backfilled' | 'verified'

/** How the application's statements stand on PostgreSQL. */
export interface Parity {
  readonly seen: number
  /** Those that have no form there, and the reads and the writes not found equal often enough; without literals. */
  readonly untranslated: readonly string[]
  readonly uncompared: readonly string[]
  readonly unrehearsed: readonly string[]
}

/** With fewer reads a rate and a percentile say nothing. */
const minReads = 20
/** So many statements are named. */
const maxNamed = 3

/** The gates that ask what has been seen, and not how both places stand. */
export function evidenceGates(evidence: Evidence, bounds: GateBounds): Gate[] {
  return [
    verifyGate(evidence, bounds),
    backupGate(evidence, bounds),
    divergencesGate(evidence, bounds),
    writesGate(evidence, bounds),
    ...statementGates(evidence, bounds),
    ...servedGates(evidence, bounds),
  ]
}

function verifyGate({ nowMs, proven }: Evidence, { verifyMaxAgeMs: bound }: GateBounds): Gate {
  if (proven === null) return asked('verify', 'never', bound, 'no whole verify is on record', false)
  const ageMs = nowMs - proven.atMs
  const how = proven.by === 'verified' ? 'a whole verify' : 'the backfill, which no verify followed'
  if (!proven.equal) return gate('verify', 'differs', 'equal', 'the last whole verify')
  return asked('verify', ageMs, bound, `milliseconds since ${how}`, ageMs <= bound)
}

function backupGate(
  { nowMs, backedUpAtMs }: Evidence,
  { backupMaxAgeMs: bound }: GateBounds,
): Gate {
  if (backedUpAtMs === null)
    return asked('backup', 'never', bound, 'no backup is on record since the install', false)
  const ageMs = nowMs - backedUpAtMs
  return asked('backup', ageMs, bound, 'milliseconds since the last backup', ageMs <= bound)
}

function divergencesGate({ divergences }: Evidence, { maxDivergences }: GateBounds): Gate {
  const detail = 'rows that a read was seen to show otherwise on the other place'
  return gate('divergences', divergences, maxDivergences, detail, divergences <= maxDivergences)
}

function writesGate({ divergentWrites }: Evidence, { maxDivergentWrites }: GateBounds): Gate {
  const detail = 'writes that went another way when they were rehearsed on PostgreSQL'
  const holds = divergentWrites <= maxDivergentWrites
  return gate('writes', divergentWrites, maxDivergentWrites, detail, holds)
}

function statementGates({ statements }: Evidence, bounds: GateBounds): Gate[] {
  const { seen, untranslated, uncompared, unrehearsed } = statements
  const refused = untranslated.length
  const { maxUntranslated, minComparisons, minRehearsals } = bounds
  return [
    gate(
      'statements',
      refused,
      maxUntranslated,
      `of ${seen} statements have no form on PostgreSQL${named(untranslated)}`,
      refused <= maxUntranslated,
    ),
    enough('comparisons', 'reads were compared and equal', uncompared, minComparisons),
    enough('rehearsals', 'writes were rehearsed and equal', unrehearsed, minRehearsals),
  ]
}

/** @param few the statements of which that was seen too rarely; with a bound of 0 nobody asks */
function enough(name: string, seen: string, few: readonly string[], min: number): Gate {
  const detail = `${seen} fewer than ${Math.max(1, min)} times${named(few)}`
  return gate(name, few.length, min === 0 ? 'any' : 0, detail, min === 0 || few.length === 0)
}

function servedGates({ served }: Evidence, { maxErrorPercent, maxP99Ms }: GateBounds): Gate[] {
  const { reads, errors, p99Ms } = served
  const percent = reads === 0 ? 0 : Math.round((1000 * errors) / reads) / 10
  const isFew = reads < minReads
  return [
    gate(
      'errors',
      percent,
      maxErrorPercent,
      `percent of ${reads} reads failed on PostgreSQL in the last minutes`,
      isFew || percent <= maxErrorPercent,
    ),
    asked(
      'p99',
      Math.round(p99Ms),
      maxP99Ms,
      `milliseconds, of ${reads} reads on PostgreSQL in the last minutes`,
      isFew || p99Ms <= maxP99Ms,
    ),
  ]
}

/** A bound of 0 asks for nothing; the figure is shown all the same. */
function asked(
  name: string,
  value: Gate['value'],
  bound: number,
  detail: string,
  holds: boolean,
): Gate {
  return bound === 0
    ? gate(name, value, 'any', detail, true)
    : gate(name, value, bound, detail, holds)
}

function named(statements: readonly string[]): string {
  if (statements.length === 0) return ''
  const more = statements.length > maxNamed ? ', ...' : ''
  return `: ${statements.slice(0, maxNamed).join(', ')}${more}`
}
