import { foldName, quoteText } from '../quote.ts'
import type { Assignment } from './assignments.ts'
import type { Emitter } from './emitter.ts'
import { createScope, type Source } from './scope.ts'
import { schemaText } from './stored-default.ts'
import { columnsNamedIn } from './syntax.ts'
import type { Target } from './target.ts'

/** A CHECK as a condition on rows of a source. One that is NULL holds. */
interface Check {
  readonly holds: string
  readonly fails: string
  /** Folded names; null where it may be any. */
  readonly columns: ReadonlySet<string> | null
}

/** @throws SQL_UNSUPPORTED where the constraints are not known, or one has no faithful form */
function checksOf(row: Source, { relation, offset }: Target, emitter: Emitter): readonly Check[] {
  if (relation.checks === null) {
    const construct = 'A table whose CHECK constraints are not known'
    throw emitter.unsupported(
      construct,
      offset,
      'Write its CREATE TABLE in a form that is understood',
    )
  }
  const scope = createScope(null, { sources: [row] })
  return relation.checks.map((text, index) => {
    const name = relation.checkNames[index] ?? text
    const check = schemaText(text, emitter, offset)
    const condition = check.emitter.condition(check.node, scope)
    return {
      holds: `(${condition}) IS NOT FALSE`,
      fails: `sqlite.fail_check(${quoteText(`CHECK constraint failed: ${name}`)})`,
      columns: columnsNamedIn(check.node),
    }
  })
}

/** The conditions under which a row breaks no CHECK. */
export function checksHold(row: Source, target: Target, emitter: Emitter): readonly string[] {
  return checksOf(row, target, emitter).map(({ holds }) => holds)
}

/** Conditions that always hold, as the statement fails where a CHECK does. */
export function orCheckFails(row: Source, target: Target, emitter: Emitter): readonly string[] {
  return checksOf(row, target, emitter).map(({ holds, fails }) => `(${holds} OR ${fails})`)
}

/** Columns for RETURNING, always NULL, that fail where an UPDATE has broken a CHECK. */
export function checkedAfter(
  assigned: readonly Assignment[],
  target: Target,
  emitter: Emitter,
): readonly string[] {
  const names = assigned.map(({ column }) => foldName(column.name))
  return checksOf(target.source, target, emitter)
    .filter(({ columns }) => columns === null || names.some((name) => columns.has(name)))
    .map(({ holds, fails }) => `CASE WHEN NOT (${holds}) AND ${fails} THEN 0::bigint END`)
}
