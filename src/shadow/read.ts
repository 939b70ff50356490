import type { PlaceName } from '../place/place.ts'
import type { Subject } from './subject.ts'
import type { Query } from './trial.ts'

/** One read that the application has made, to be run again on both places. */
export interface ShadowRead extends Query {
  readonly subject: Subject
  readonly record: ReadRecord
  /** Was equal already, and is looked at again as an open divergence was found by the same run. */
  readonly isSecondLook?: true
  /** What is to be around the run; nothing where it is left out. */
  readonly around?: AroundRun
}

/** Runs a comparison and hands its verdict on, which is null where there was nothing to compare. */
export type AroundRun = <T extends { readonly kind: string } | null>(
  run: () => Promise<T>,
) => Promise<T>

/** How comparisons of a statement end, for its record. */
export type Outcome =
  | 'equal'
  | 'transient'
  | 'divergent'
  | 'undecided'
  | 'unknown'
  | 'untranslated'
  | 'ignored'

/** What is kept of a statement's shadow reads. */
export interface ReadRecord {
  took(place: PlaceName, ms: number): void
  judged(outcome: Outcome, reason: string | null): void
  isWorthConfirming(): boolean
  /** Leaves the statement alone for a while: it takes too long, or answers too much. */
  rest(): void
}

/** A copy that the application does not change any more; what large values hold is shared. */
export function keepArguments(args: readonly unknown[]): readonly unknown[] {
  return args.map((arg) => {
    if (Array.isArray(arg)) return [...(arg as unknown[])]
    if (typeof arg !== 'object' || arg === null || ArrayBuffer.isView(arg)) return arg
    return { ...arg }
  })
}
