import { parseStmt, tokenize, tokenName } from 'sqlite3-parser'
import { LockstepError } from '../core/errors.ts'

/** False while the applier writes: what the application's trigger did is already among the rows it ships. */
const guard = '(SELECT gate FROM _lockstep_control WHERE id = 1) <> 1'

/**
 * The text of an application's trigger with a guard in its WHEN clause. Everything else stays as it is,
 * to the letter.
 * @throws LockstepError SCHEMA_UNSUPPORTED where the text cannot be understood.
 */
export function guardTrigger(sql: string): string {
  const parsed = parseStmt(sql)
  if (parsed.status !== 'ok' || parsed.root.type !== 'CreateTriggerStmt') {
    throw new LockstepError(
      'SCHEMA_UNSUPPORTED',
      `Lockstep cannot read this trigger, so it cannot guard it: ${sql}`,
    )
  }
  const { whenClause, tblName } = parsed.root
  if (whenClause !== undefined) {
    const { offset, length } = whenClause.span
    const end = offset + length
    return `${sql.slice(0, offset)}${guard} AND (${sql.slice(offset, end)})${sql.slice(end)}`
  }
  const begin = beginOffset(sql, tblName.span.offset + tblName.span.length)
  return `${sql.slice(0, begin)}WHEN ${guard} ${sql.slice(begin)}`
}

export function isGuarded(sql: string): boolean {
  return sql.includes(guard)
}

/** The text of a guarded trigger without the guard; a WHEN clause of its own stays in parentheses. */
export function unguardTrigger(sql: string): string {
  return sql.replace(`WHEN ${guard} BEGIN`, () => 'BEGIN').replace(`${guard} AND `, () => '')
}

/** Where the BEGIN of the trigger's body stands: the first such token after the table's name. */
function beginOffset(sql: string, from: number): number {
  for (const token of tokenize(sql)) {
    if (token.span.offset >= from && tokenName(token.type) === 'BEGIN') return token.span.offset
  }
  throw new LockstepError('SCHEMA_UNSUPPORTED', `This trigger has no body: ${sql}`)
}
