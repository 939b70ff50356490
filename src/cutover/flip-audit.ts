import { randomUUID } from 'node:crypto'
import type { FlipReport } from '../api.ts'
import type { Control } from '../place/place.ts'
import { recordAction } from '../sqlite/audit.ts'
import type { CutoverContext } from './context.ts'

/** What is known of a flip beside its step. */
export type FlipFacts = Partial<Pick<FlipReport, 'pauseMs' | 'drained'>> & {
  /** Settled by another than the one that began it, or once that one had lost its way. */
  readonly recovered?: true
}

const forcedPrefix = 'forced:'
const flagPrefix = 'flag:'

/** The name of an attempt also tells whoever settles it that gates were passed over, or that the flag asked for it. */
export function nameAttempt({ forced, byFlag }: { forced: boolean; byFlag: boolean }): string {
  const prefix = byFlag ? flagPrefix : ''
  return `${forced ? forcedPrefix : prefix}${randomUUID()}`
}

/** The flag said so before the primary moved: what it says now is the operator's. */
export function wasByFlag({ attempt }: Pick<Control, 'attempt'>): boolean {
  return attempt.startsWith(flagPrefix)
}

/** For the transaction that moves SQLite's record to the epoch, so that each flip has one entry for good. */
export function auditFlip(
  { writer }: CutoverContext,
  { epoch, primary, attempt }: Pick<Control, 'epoch' | 'primary' | 'attempt'>,
  facts: FlipFacts,
): void {
  const from = primary === 'postgres' ? 'sqlite' : 'postgres'
  const forced = attempt.startsWith(forcedPrefix)
  recordAction(writer.db, 'flip', { from, to: primary, epoch, forced, ...facts })
}

/** For a flip that ended before its commit point: by whoever began it, with the reason, or by recovery. */
export function auditCancelled(
  { writer }: CutoverContext,
  from: Control,
  facts: { readonly reason: string } | { readonly recovered: true },
): void {
  const { primary, epoch, attempt } = from
  const to = primary === 'postgres' ? 'sqlite' : 'postgres'
  const forced = attempt.startsWith(forcedPrefix)
  recordAction(writer.db, 'flip-cancelled', { from: primary, to, epoch, forced, ...facts })
}
