import type { DeleteStmt } from 'sqlite3-parser'
import type { Emitter, Plan } from './emitter.ts'
import { checkIndexed } from './indexed-by.ts'
import { checkLimit, chosen } from './limited.ts'
import { returningOf } from './returning.ts'
import { createScope } from './scope.ts'
import { withoutCascaded, withoutSet } from './self-cascade.ts'
import { targetOf } from './target.ts'

/** https://www.sqlite.org/lang_delete.html */
export function translateDelete(statement: DeleteStmt, emitter: Emitter): Plan {
  const common = emitter.with(statement.with, null)
  const target = targetOf(statement.tblName, 'DELETE', emitter)
  checkIndexed(statement.indexed, target.relation, emitter)
  checkLimit(statement, 'DELETE', emitter)
  const scope = createScope(common.scope, { sources: [target.source] })
  const { whereClause } = statement
  const condition = whereClause === undefined ? null : emitter.filter(whereClause, scope)
  const limited = chosen(statement, condition, target, common.scope, emitter)
  const said = { common: common.sql, where: limited }
  const own = withoutCascaded(statement, said, target, emitter)
  const deletion = withoutSet(statement, own, target, emitter)
  const returning = returningOf(statement.returning, target, common.scope, emitter)
  const filter = deletion.where === null ? '' : ` WHERE ${deletion.where}`
  const sql = `${deletion.common}DELETE FROM ${target.sql}${filter}${returning.sql}`
  const { columns, hiddenColumns } = returning
  return {
    kind: 'delete',
    steps: [{ sql, role: 'result' }],
    columns,
    hiddenColumns,
    order: 'none',
  }
}
