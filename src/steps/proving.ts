import type { Lockstep, VerifyOptions } from '../api.ts'
import type { Engine } from '../engine/engine.ts'
import { recordEvidence } from './evidence.ts'
import { backup } from '../move/backup.ts'
import { runOf, tablesToVerify, verify, type VerifyContext } from '../move/verify.ts'
import { requirePair } from '../engine/pair.ts'
import { viewProblems } from './view-problems.ts'

/** The steps that prove something and change nothing; what they find is on record for the gates. */
export function createProofs(engine: Engine): Pick<Lockstep, 'backup' | 'verify'> {
  const { file, server, options } = engine
  return {
    async backup(settings) {
      const { busyTimeoutMs } = options.sqlite
      const report = await backup({ path: file.path, busyTimeoutMs, server }, settings)
      await recordEvidence(engine, 'backed-up', { bytes: report.bytes, sha256: report.sha256 })
      return report
    },
    async verify(settings = {}) {
      await requirePair(engine)
      // A server that was lost may be back and not yet be taken for the secondary.
      await engine.recover()
      await engine.checkDrift()
      const tables = tablesToVerify(engine.tables, settings.tables)
      const context = verifyContext(engine, settings)
      const found = await verify(context, tables, settings)
      if (settings.tables === undefined) found.problems.push(...(await viewProblems(engine)))
      engine.telemetry.noteVerify(found, settings)
      if (settings.tables === undefined && settings.sample === undefined) {
        // A flip makes the indexes that are missing, or refuses; views are for other programs.
        const equal =
          found.equal && found.problems.every(({ kind }) => kind === 'index' || kind === 'view')
        const ms = Math.max(0, Date.now() - context.run.begunAtMs)
        await recordEvidence(engine, 'verified', { equal, tables: found.tables.length, ms })
      }
      return found
    },
  }
}

/** @throws LockstepError PAIR_MISMATCH, SCHEMA_DRIFT, CONFIG_INVALID */
export function verifyContext(engine: Engine, options: VerifyOptions): VerifyContext {
  const { server, file } = engine
  return {
    run: runOf(engine.control().migration, engine.tables, options),
    server,
    file,
    createShipper: engine.createShipper.bind(engine),
    primary: () => engine.control().primary,
  }
}
