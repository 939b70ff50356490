import type { UpdateStmt } from 'sqlite3-parser'
import { foldName, quoteText } from '../quote.ts'
import type { Emitter, EmittedFrom } from './emitter.ts'
import { createScope, type Scope } from './scope.ts'
import { pinsRow } from './single-row.ts'
import type { Target } from './target.ts'

export interface UpdateFrom {
  readonly from: EmittedFrom | null
  /** In which SET and WHERE are read. */
  readonly scope: Scope
}

/** @param outer with the common tables of the statement. */
export function updateFrom(
  statement: UpdateStmt,
  target: Target,
  outer: Scope | null,
  emitter: Emitter,
): UpdateFrom {
  const { source } = target
  if (statement.from === undefined)
    return { from: null, scope: createScope(outer, { sources: [source] }) }
  const from = emitter.from(statement.from, outer)
  const own = foldName(source.name ?? '')
  const clash = from.sources.find(({ name }) => name !== null && foldName(name) === own)
  if (clash !== undefined) {
    const message = `target object/alias may not appear in FROM clause: ${clash.name}`
    throw emitter.wrong(message, statement.from.span.offset)
  }
  return { from, scope: createScope(outer, { sources: [source, ...from.sources] }) }
}

/**
 * Each row of the table meets at most one of FROM: a single table, of which the condition pins a key. Else
 * SQLite takes the last that it meets and PostgreSQL the first.
 */
export function meetsOnce(
  { from, whereClause }: UpdateStmt,
  emitted: EmittedFrom,
  { relation }: Target,
): boolean {
  const [source, second] = emitted.sources
  if (source?.relation?.kind !== 'table' || second !== undefined || from?.joins?.length)
    return false
  const others = new Set(relation.columns.map(({ name }) => foldName(name)))
  const { name } = source
  return name !== null && pinsRow(whereClause, { relation: source.relation, name, others })
}

export function meetsTwiceMessage({ relation }: Target): string {
  return quoteText(
    `UPDATE of "${relation.name}" FROM: a row meets several rows with different values, and which of them SQLite takes is not said. Aggregate them first`,
  )
}
