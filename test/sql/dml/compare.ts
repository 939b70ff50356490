import { isDeepStrictEqual } from 'node:util'
import type { Outcome, Places, Statement } from './places.ts'

export interface Difference {
  readonly statement: Statement
  readonly sqlite: unknown
  readonly postgres: unknown
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
    if (isDeepStrictEqual(outcome, other)) return []
    return { statement, sqlite: apart(other, outcome), postgres: apart(outcome, other) }
  })
}

/** The answer, and the tables that the other place has otherwise. */
function apart(own: Outcome | undefined, other: Outcome | undefined): unknown {
  const tables = Object.entries(own?.state ?? {}).filter(
    ([name, rows]) => !isDeepStrictEqual(rows, other?.state[name]),
  )
  return { answer: own?.answer, ...Object.fromEntries(tables) }
}

/** Why PostgreSQL refuses the statement; what it answers where it does not. */
export async function refusal(places: Places, statement: Statement): Promise<string> {
  const { postgres } = await places.outcomes([statement])
  const answer = postgres[0]?.answer as { error?: string; message?: string }
  return answer.error === 'SQL_UNSUPPORTED' ? (answer.message ?? '') : JSON.stringify(answer)
}
