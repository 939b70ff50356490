import { analyze } from '../sql/statement.ts'
import { isLockstepError } from '../core/errors.ts'

const maxKnown = 2000
const known = new Map<string, boolean>()

/**
 * better-sqlite3's `reader`: whether a statement has result columns, whatever is in the tables. True for text that
 * cannot be read: SQLite is the judge of it, and says what is wrong when it is run.
 */
export function returnsRows(sql: string): boolean {
  const answer = known.get(sql)
  if (answer !== undefined) return answer
  if (known.size >= maxKnown) known.clear()
  const read = readReturnsRows(sql)
  known.set(sql, read)
  return read
}

function readReturnsRows(sql: string): boolean {
  try {
    return analyze(sql).returnsRows
  } catch (error) {
    if (isLockstepError(error)) return true
    throw error
  }
}
