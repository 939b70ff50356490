import { decision } from '../schema/findings.ts'
import type { Finding } from '../schema/model.ts'
import type { AssessSqlOptions } from './assess-sql.ts'
import { judge, type Judgement } from './judge.ts'
import { prepareOnServer } from './prepare.ts'
import type { SqlReport } from './sql-report.ts'

/** What is wrong with the overrides of the configuration: those that do not fit, and those that nothing matches. */
export async function assessOverrides(
  options: AssessSqlOptions,
  report: SqlReport | null,
): Promise<Finding[]> {
  const used = new Set(report?.statements.map(({ fingerprint }) => fingerprint))
  const findings: Finding[] = []
  for (const { fingerprint, sqlite } of options.overrides.list) {
    const { error } = sqlite === null ? { error: null } : await judged(sqlite, options)
    if (error !== null) findings.push(decision('OVERRIDE_INVALID', {}, error.message))
    else if (report !== null && !used.has(fingerprint)) {
      findings.push(
        decision(
          'OVERRIDE_UNUSED',
          {},
          `The override ${fingerprint} is for none of the statements that were read. Correct its statement, or remove it`,
        ),
      )
    }
  }
  return findings
}

async function judged(sql: string, options: AssessSqlOptions): Promise<Judgement> {
  const judgement = judge(sql, options)
  if (typeof options.server === 'string' || judgement.error !== null) return judgement
  return prepareOnServer(options.server, judgement)
}
