import type { Operation } from './operation.ts'

/** The tokens of every row of one table on both places, as often as they are there. */
export interface Tokens {
  readonly table: string
  readonly sqlite: readonly string[]
  readonly postgres: readonly string[]
}

const allowed = { acknowledged: [1, 1], failed: [0, 0], unknown: [0, 1] } as const

/**
 * Each acknowledged row is there exactly once on both places, each failed one nowhere, each unknown one at
 * most once and on both places alike; and no row is there that nobody wrote.
 */
export function misplaced(
  operations: readonly Operation[],
  kind: 'insert' | 'pair',
  { table, sqlite, postgres }: Tokens,
): string[] {
  const [onSqlite, onPostgres] = [countsOf(sqlite), countsOf(postgres)]
  const faults: string[] = []
  const written = new Set<string>()
  for (const operation of operations) {
    if (operation.kind !== kind) continue
    const { token, outcome } = operation
    written.add(token)
    const [least, most] = allowed[outcome]
    const counts = [onSqlite.get(token) ?? 0, onPostgres.get(token) ?? 0] as const
    const isAllowed = counts.every((count) => count >= least && count <= most)
    if (isAllowed && counts[0] === counts[1]) continue
    faults.push(
      `${table}: ${outcome} ${token} is there ${counts[0]} times on SQLite, ${counts[1]} times on PostgreSQL`,
    )
  }
  for (const token of new Set([...sqlite, ...postgres]))
    if (!written.has(token)) faults.push(`${table}: nobody wrote ${token}`)
  return faults
}

function countsOf(tokens: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  return counts
}
