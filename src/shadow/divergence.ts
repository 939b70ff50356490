import { createHash } from 'node:crypto'
import type { DivergenceClass } from './compare.ts'

/**
 *              confirmed again
 *            ┌────────────────┐
 *            v                │
 *   (new) ─> open ──all equal again, or repaired──> resolved
 *            │
 *            └──ignored with a reason──> ignored, and stays so however often it is confirmed
 */
export type DivergenceState = 'open' | 'resolved' | 'ignored'

/** Statements that answer differently on both places, each with a class of difference: confirmed, none of them a race. */
export interface Divergence {
  readonly id: string
  readonly state: DivergenceState
  /** Why it is ignored, or what resolved it; null while it is open. */
  readonly reason: string | null
  readonly class: DivergenceClass
  /** The statement, its literals as question marks. */
  readonly statement: string
  readonly fingerprint: string
  readonly tables: readonly string[]
  /** Found by rehearsing a write, which leaves no rows that could be looked at again. */
  readonly rehearsed?: true
  /** How many different rows are known to differ, up to 200 of them; an answer that names no row counts as one. */
  readonly rows: number
  /** How often it was confirmed. */
  readonly seen: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly evidence: readonly Evidence[]
}

/** One row that differs, or one answer where nothing names its rows. */
export interface Evidence {
  /** Where the row is, as far as it is known; several of a join. */
  readonly rows: readonly { readonly table: string; readonly key: string }[]
  readonly columns: readonly string[]
  /** What each place has: classes and sizes, and the values themselves with `shadow.values`. Null for no row. */
  readonly sqlite: string | null
  readonly postgres: string | null
}

/** A divergence as it is kept: with what a repair and a second look need. */
export interface KeptDivergence extends Omit<Divergence, 'rows' | 'evidence' | 'statement'> {
  /** The text as the application sent it. */
  readonly sql: string
  readonly cases: readonly Case[]
}

export interface Case extends Evidence {
  /** The same for the same row, or for the same arguments of the statement. */
  readonly id: string
  /** The keys of `rows`, as PostgreSQL writes their values. */
  readonly keys: readonly (readonly string[])[]
}

/** So many cases of one divergence are kept; what else differs shows when these are mended. */
const maxCases = 200
/** So many are listed. */
const maxEvidence = 20

/** What was found of one statement at aligned snapshots. */
export interface Finding {
  readonly sql: string
  readonly fingerprint: string
  readonly tables: readonly string[]
  readonly class: DivergenceClass
  readonly rehearsed?: true
  readonly cases: readonly Case[]
}

export function divergenceId(fingerprint: string, kind: DivergenceClass): string {
  return createHash('sha256').update(`${fingerprint} ${kind}`).digest('hex').slice(0, 12)
}

/** @returns the divergence with what was found, and whether it is news: open for the first time, again, or of more rows */
export function confirmed(
  known: KeptDivergence | undefined,
  { cases, ...finding }: Finding,
  nowMs: number,
): { next: KeptDivergence; isNews: boolean } {
  const before = known?.state === 'resolved' ? [] : (known?.cases ?? [])
  const had = new Set(before.map(({ id }) => id))
  const found = cases.filter(({ id }) => !had.has(id))
  const isIgnored = known?.state === 'ignored'
  const next: KeptDivergence = {
    ...finding,
    id: divergenceId(finding.fingerprint, finding.class),
    state: isIgnored ? 'ignored' : 'open',
    reason: isIgnored ? known.reason : null,
    seen: (known?.seen ?? 0) + 1,
    firstAtMs: known?.firstAtMs ?? nowMs,
    lastAtMs: nowMs,
    cases: [...before, ...found].slice(0, maxCases),
  }
  return { next, isNews: !isIgnored && next.cases.length > before.length }
}

/** @param equal the cases that are equal again; the last one resolves the divergence */
export function equalAgain(
  known: KeptDivergence,
  equal: ReadonlySet<string>,
  reason: string,
): KeptDivergence {
  if (known.state !== 'open') return known
  const cases = known.cases.filter(({ id }) => !equal.has(id))
  return cases.length > 0 ? { ...known, cases } : { ...known, cases, state: 'resolved', reason }
}

export function ignored(known: KeptDivergence, reason: string): KeptDivergence {
  return { ...known, state: 'ignored', reason }
}

/** What an operator sees of it. */
export function shown(kept: KeptDivergence, redact: (sql: string) => string): Divergence {
  const { sql, cases, ...rest } = kept
  const evidence = cases
    .slice(0, maxEvidence)
    .map(({ rows, columns, sqlite, postgres }) => ({ rows, columns, sqlite, postgres }))
  return { ...rest, statement: redact(sql), rows: cases.length, evidence }
}

/** How many rows differ, each counted once however many statements read it. */
export function countDiffering(open: readonly KeptDivergence[]): number {
  const rows = new Set<string>()
  for (const { id, cases } of open) {
    for (const one of cases) {
      const [first] = one.rows
      rows.add(first === undefined ? `${id} ${one.id}` : `${first.table} ${first.key}`)
    }
  }
  return rows.size
}
