import type { Engine } from '../engine/engine.ts'
import { putDivergence, runIdOf } from './put-divergence.ts'
import { equalAgain, type Case, type KeptDivergence } from '../shadow/divergence.ts'
import { caseOfWrite } from '../shadow/evidence.ts'
import type { RowName, WriteFinding } from '../shadow/rehearsal-verdict.ts'
import type { LoggedWrite } from '../shadow/write-log.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import { analyze } from '../sql/statement.ts'
import type { KeptRecords } from '../sqlite/kept-records.ts'

/** Divergences of writes, beside those of reads. */
export interface WriteDivergences {
  found(write: LoggedWrite, finding: WriteFinding): Promise<void>
  /**
   * The write went the same way on both places. That mends what was found with the arguments that it has now, and what was
   * found of rows that it has left equal. With other arguments, of other rows, it may still go another way.
   */
  equal(write: LoggedWrite, rows: readonly RowName[]): Promise<void>
  /** An operator has mended what made it differ, which no row shows. A rehearsal that finds it again opens it again. */
  mended(id: string): Promise<void>
}

export function createWriteDivergences(
  engine: Engine,
  records: KeptRecords<KeptDivergence>,
): WriteDivergences {
  /** Undefined until somebody asks, as most writes are equal and nothing is open. */
  let mayBeOpen: boolean | undefined
  const resolve = (id: string, isEqual: (one: Case) => boolean, reason: string): Promise<void> =>
    records.update([id], (known) => {
      if (known === undefined) return null
      const equal = known.cases.filter(isEqual).map((one) => one.id)
      return equalAgain(known, new Set(equal), reason)
    })
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
    async equal({ sql, args }, rows) {
      mayBeOpen ??= records.all().some(isOpenRehearsed)
      if (!mayBeOpen) return
      const fingerprint = fingerprintOf(sql)
      const open = records
        .all()
        .filter((one) => isOpenRehearsed(one) && one.fingerprint === fingerprint)
      const runId = runIdOf(engine, args)
      const names = new Set(rows.map(nameOf))
      const isEqual = (one: Case): boolean => one.id === runId || isLeftEqual(one, names)
      for (const { id } of open) await resolve(id, isEqual, 'rehearsed again, and equal')
    },
    mended: (id) => resolve(id, () => true, 'taken for mended'),
  }
}

function isOpenRehearsed({ state, rehearsed }: KeptDivergence): boolean {
  return state === 'open' && rehearsed === true
}

function isLeftEqual({ rows }: Case, names: ReadonlySet<string>): boolean {
  return rows.length > 0 && rows.every((row) => names.has(nameOf(row)))
}

function nameOf({ table, key }: RowName): string {
  return `${table} ${key}`
}
