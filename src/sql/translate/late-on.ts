import type { Expr, JoinedSelectTable } from 'sqlite3-parser'
import type { EmittedFrom, Emitter } from './emitter.ts'
import { columnName, findColumn } from './names.ts'
import { createScope, type Scope, type Source } from './scope.ts'
import { childExpressions } from './walk.ts'

/**
 * The ON of an inner join that names what the tables up to there have not: one further right, or the query around. To SQLite such
 * an ON is a term of WHERE, which may name all tables; PostgreSQL knows those of the join alone. Undefined for any other ON.
 */
export function lateOn(
  { constraint }: JoinedSelectTable,
  sources: readonly Source[],
  emitter: Emitter,
): Expr | undefined {
  if (constraint?.type !== 'OnJoinConstraint') return undefined
  const scope = createScope(null, { sources })
  const stack = [constraint.expr]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const name = columnName(node, emitter.sql)
    if (name?.table === null && /^(?:true|false)$/i.test(name.column)) continue
    if (name !== undefined && findColumn(name, scope, emitter) === undefined) return constraint.expr
    stack.push(...childExpressions(node))
  }
  return undefined
}

/** The conditions behind all joins, as those of one with a row of nothing, which the server takes out again. */
export function withLateOns(
  from: EmittedFrom,
  conditions: readonly Expr[],
  parent: Scope | null,
  emitter: Emitter,
): EmittedFrom {
  if (conditions.length === 0) return from
  const scope = createScope(parent, { sources: from.sources })
  const texts = conditions.map((each) => emitter.filter(each, scope))
  const join = ` JOIN (SELECT) AS ${emitter.freshName('on')} ON ${texts.join(' AND ')}`
  const { keyed } = from
  return {
    ...from,
    sql: from.sql + join,
    ...(keyed && { keyed: { ...keyed, sql: keyed.sql + join } }),
  }
}
