import type { Evidence, GateBounds, ProofKind } from '../cutover/evidence-gates.ts'
import { p99Of } from '../cutover/health.ts'
import type { Engine } from '../engine/engine.ts'
import { record } from '../engine/record.ts'
import { createParity } from '../traffic/parity.ts'
import type { Routing } from '../traffic/routing.ts'
import { newestAction } from '../sqlite/audit.ts'

/** What the audit log keeps of steps that prove something; `verified` tells of whole verifies alone. */
export type EvidenceAction = 'backed-up' | ProofKind

/**
 * Puts a proof on record, where Lockstep is installed: the gates ask for it. What is proven stands also where that cannot
 * be written; then the gate asks once more.
 */
export async function recordEvidence(
  engine: Engine,
  action: EvidenceAction,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!engine.installed) return
  await record(engine, action, detail).catch((error: unknown) =>
    engine.events.emit('error', { error: error as Error }),
  )
}

/** Reads what is known beside the state of both places. */
export function createEvidence(
  engine: Engine,
  routing: Routing,
): (bounds: GateBounds) => Promise<Evidence> {
  const parity = createParity(engine, routing)
  return async (bounds) => {
    const { reader } = engine.file
    const proof = newestAction(reader, ['verified', 'backfilled'] satisfies ProofKind[])
    const served = routing.sharedHealth.everywhere()
    return {
      nowMs: Date.now(),
      proven:
        proof === null
          ? null
          : {
              // A verify that was taken up again has looked at some rows as long ago as it began.
              atMs: proof.atMs - Number(proof.detail['ms'] ?? 0),
              by: proof.action as ProofKind,
              equal: proof.detail['equal'] !== false,
            },
      backedUpAtMs: newestAction(reader, ['backed-up'])?.atMs ?? null,
      divergences: routing.divergences.count(),
      divergentWrites: routing.divergences.countWrites(),
      statements: await parity(bounds),
      served: { ...served, p99Ms: p99Of(served) },
    }
  }
}
