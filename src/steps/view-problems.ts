import type { RepairReport, VerifyProblem } from '../api.ts'
import type { Engine } from '../engine/engine.ts'
import { ifPossible } from '../move/mend.ts'
import type { Verified } from '../move/repair-found.ts'
import { findViewProblems } from '../move/views.ts'
import { applicationViews } from '../sqlite/views.ts'

/** What is wrong with PostgreSQL's views now. */
export function viewProblems({ server, tables, file }: Engine): Promise<VerifyProblem[]> {
  return findViewProblems(server, { tables, views: applicationViews(file.reader) })
}

/** Makes the views that a verify found wrong. @param report what has been repaired beside them */
export async function mendViews(
  engine: Engine,
  { problems: found }: Verified,
  { report, syncSchema }: { report: RepairReport; syncSchema: () => Promise<void> },
): Promise<RepairReport> {
  const wrong = found.filter(isOfView)
  if (wrong.length === 0) return report
  await ifPossible(syncSchema)
  const left = await viewProblems(engine)
  const still = new Set(left.map(({ table }) => table))
  return {
    ...report,
    mended: [
      ...(report.mended ?? []).filter((each) => !isOfView(each)),
      ...wrong.filter(({ table }) => !still.has(table)),
    ],
    problems: [...(report.problems ?? []), ...left],
  }
}

export function isOfView({ kind }: VerifyProblem): boolean {
  return kind === 'view'
}
