import type { Engine } from '../engine/engine.ts'
import { putDivergence, runIdOf } from './put-divergence.ts'
import { equalAgain, type KeptDivergence } from '../shadow/divergence.ts'
import { caseOfWrite } from '../shadow/evidence.ts'
import type { WriteFinding } from '../shadow/rehearsal-verdict.ts'
import type { LoggedWrite } from '../shadow/write-log.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import { analyze } from '../sql/statement.ts'
import type { KeptRecords } from '../sqlite/kept-records.ts'

/** Divergences of writes, beside those of reads. */
export interface WriteDivergences {
  found(write: LoggedWrite, finding: WriteFinding): Promise<void>
  /**
   * The write went the same way on both places, with the arguments that it has now. With others it may still
   * go another way: an operator takes what was found with them for mended, by a reason.
   */
  equal(write: LoggedWrite): Promise<void>
}

export function createWriteDivergences(
  engine: Engine,
  records: KeptRecords<KeptDivergence>,
): WriteDivergences {
  /** Undefined until somebody asks, as most writes are equal and nothing is open. */
  let mayBeOpen: boolean | undefined
  return {
    async found({ sql, args }, finding) {
      mayBeOpen = true
      await putDivergence(engine, records, {
        sql,
        fingerprint: fingerprintOf(sql),
        tables: analyze(sql).tables,
        class: finding.class,
        rehearsed: true,
        cases: [caseOfWrite(finding, runIdOf(engine, args), engine.options.shadow.values)],
      })
    },
    async equal({ sql, args }) {
      mayBeOpen ??= records.all().some(isOpenRehearsed)
      if (!mayBeOpen) return
      const fingerprint = fingerprintOf(sql)
      const open = records
        .all()
        .filter((one) => isOpenRehearsed(one) && one.fingerprint === fingerprint)
      const same = new Set([runIdOf(engine, args)])
      for (const { id } of open) {
        await records.update([id], (known) =>
          known === undefined ? null : equalAgain(known, same, 'rehearsed again, and equal'),
        )
      }
    },
  }
}

function isOpenRehearsed({ state, rehearsed }: KeptDivergence): boolean {
  return state === 'open' && rehearsed === true
}
