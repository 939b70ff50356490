import type { BackfillReport, Lockstep } from '../api.ts'
import type { Engine } from '../engine/engine.ts'
import { backfill, type BackfillContext } from '../move/backfill.ts'
import { setThrottle } from '../postgres/load.ts'
import type { Finding } from '../schema/model.ts'
import { tellDriftInCopy } from './drift-in-copy.ts'
import { recordEvidence } from './evidence.ts'

/** The steps that carry everything over, and say how fast. */
export function createBackfillSteps(engine: Engine): Pick<Lockstep, 'backfill' | 'throttle'> {
  return {
    async backfill({ onProgress = () => undefined, signal } = {}) {
      engine.requireInstalled()
      await engine.checkPairAgain()
      await engine.followSchema()
      return tellDriftInCopy(engine, () => runBackfill(engine, onProgress, signal))
    },
    async throttle(percent) {
      if (!Number.isInteger(percent) || percent < 0 || percent > 100)
        throw new TypeError('Expected the throttle to be a whole percentage from 0 to 100')
      engine.requireInstalled()
      await engine.checkPairAgain()
      await setThrottle(engine.server.control, percent)
    },
  }
}

async function runBackfill(
  engine: Engine,
  onProgress: BackfillContext['onProgress'],
  signal: AbortSignal | undefined,
): Promise<BackfillReport> {
  const { file, writer, server, shipper, tables, options } = engine
  // Before the copy is said to be under way, which keeps the schema as it is.
  await engine.checkDrift()
  const findings: Finding[] = []
  const onFindings = (found: readonly Finding[]): void => void findings.push(...found)
  const settings = options.backfill
  const { reach } = options.testing
  const context = { file, writer, server, shipper, tables, settings, reach, signal }
  const report = await backfill({ ...context, onProgress, onFindings })
  engine.applier.kick()
  await recordEvidence(engine, 'backfilled', { tables: report.tables.length })
  return { ...report, findings }
}
