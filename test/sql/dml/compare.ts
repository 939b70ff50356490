import { isDeepStrictEqual } from 'node:util'
import type { Outcome, Places, Statement } from './places.ts'

export interface Difference {
  readonly statement: Statement
  readonly sqlite: Outcome | undefined
  readonly postgres: Outcome
}

/** What the places disagree about: an answer, a code, or the rows of any table after it. */
export async function differences(
  places: Places,
  ...statements: readonly Statement[]
): Promise<Difference[]> {
  const { sqlite, postgres } = await places.outcomes(statements)
  return postgres.flatMap((outcome, index) => {
    const statement = statements[index] as Statement
    const other = sqlite[index]
    return isDeepStrictEqual(outcome, other) ? [] : { statement, sqlite: other, postgres: outcome }
  })
}

/** Why PostgreSQL refuses the statement; what it answers where it does not. */
export async function refusal(places: Places, statement: Statement): Promise<string> {
  const { postgres } = await places.outcomes([statement])
  const answer = postgres[0]?.answer as { error?: string; message?: string }
  return answer.error === 'SQL_UNSUPPORTED' ? (answer.message ?? '') : JSON.stringify(answer)
}
