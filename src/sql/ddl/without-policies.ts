import { isTrivia, parseStatements, tokenize } from '../parser.ts'

/**
 * The text of a trigger without the conflict clauses of its commands (`INSERT OR IGNORE`, `REPLACE`), as SQLite runs it below the
 * action of a foreign key; null where it has none. An upsert is no such clause.
 */
export function withoutPolicies(sql: string): string | null {
  const [trigger] = parseStatements(sql)
  if (trigger?.type !== 'CreateTriggerStmt') return null
  const tokens = tokenize(sql).filter((token) => !isTrivia(token))
  let text = sql
  for (const command of trigger.commands.toReversed()) {
    if (command.type !== 'InsertTriggerCmd' && command.type !== 'UpdateTriggerCmd') continue
    if (command.orConflict === undefined) continue
    const first = tokens.findIndex(({ offset }) => offset === command.span.offset)
    const [verb, or, policy] = tokens.slice(first, first + 3)
    if (verb === undefined || or === undefined || policy === undefined) continue
    const isReplace = verb.text.toUpperCase() === 'REPLACE'
    const last = isReplace ? verb : policy
    const kept = isReplace ? 'INSERT' : verb.text
    text = `${text.slice(0, verb.offset)}${kept}${text.slice(last.offset + last.text.length)}`
  }
  return text === sql ? null : text
}
