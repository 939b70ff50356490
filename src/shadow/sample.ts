import type { Statement } from '../sql/statement.ts'
import type { ShadowRead } from './shadow.ts'

/** What no two runs answer alike, on one database or two. */
const nondeterministic =
  /\b(random|randomblob|changes|total_changes|last_insert_rowid|current_timestamp|current_date|current_time)\b|'now'|\bunixepoch\s*\(\s*\)|\bjulianday\s*\(\s*\)/i
const hasOrder = /\border\s+by\b/i
const hasLimit = /\blimit\b/i

/**
 * The read to shadow, or null for one whose answer is not decided by its data: time, chance, or a LIMIT
 * that nothing orders.
 */
export function shadowOf(statement: Statement, args: readonly unknown[]): ShadowRead | null {
  const { sql, kind, tables } = statement
  if (kind !== 'select' || tables.length === 0 || nondeterministic.test(sql)) return null
  const ordered = hasOrder.test(sql)
  if (hasLimit.test(sql) && !ordered) return null
  return { sql, args, tables, ordered }
}
