import type { UpdateStmt } from 'sqlite3-parser'
import { requireParents } from './absent-parents.ts'
import { assignments } from './assignments.ts'
import type { Emitter, Plan } from './emitter.ts'
import { checkIndexed } from './indexed-by.ts'
import { changedKeys, changesOf, orderGuard } from './key-changes.ts'
import { checkLimit, chosen } from './limited.ts'
import { refuseFailing, refusePolicies, targetOf } from './target.ts'
import { refuseUnfollowed } from './unfollowed-keys.ts'
import { meetsOnce, meetsTwiceMessage, updateFrom } from './update-from.ts'
import { isSingle, refuseFollowed, refuseHalfChanged } from './update-order.ts'
import { updateOrIgnore, updateOrReplace } from './update-policy.ts'
import { setsFrom, tailOf, updatePlan, valuesOf, type Updating } from './updating.ts'

/** https://www.sqlite.org/lang_update.html */
export function translateUpdate(statement: UpdateStmt, emitter: Emitter): Plan {
  const updating = read(statement, emitter)
  const { target, single } = updating
  const policy = statement.orConflict
  if (policy !== undefined) refusePolicies(`UPDATE OR ${policy.toUpperCase()}`, target, emitter)
  switch (policy) {
    case 'Ignore':
      return updateOrIgnore(updating)
    case 'Replace':
      refuseUnfollowed('UPDATE OR REPLACE of', target, updating.emitter)
      return updateOrReplace(updating)
    case 'Rollback':
      throw emitter.unsupported('UPDATE OR ROLLBACK', target.offset, 'Roll back when it fails')
    case 'Fail':
      refuseFailing('UPDATE', target, emitter)
      if (single) return plain(updating)
      throw emitter.unsupported(
        'UPDATE OR FAIL of several rows',
        target.offset,
        'Leave OR FAIL out',
      )
    default:
      return plain(updating)
  }
}

function read(statement: UpdateStmt, emitter: Emitter): Updating {
  const common = emitter.with(statement.with, null)
  const target = targetOf(statement.tblName, 'UPDATE', emitter, {
    skips: statement.orConflict === 'Ignore',
  })
  checkIndexed(statement.indexed, target.relation, emitter)
  checkLimit(statement, 'UPDATE', emitter)
  const { from, scope } = updateFrom(statement, target, common.scope, emitter)
  const set = assignments(statement.sets, target, scope, emitter)
  requireParents('UPDATE', target, emitter, set.assigned)
  refuseUnfollowed('UPDATE of the key of', target, emitter, set.assigned)
  const single = isSingle(statement, target)
  if (!single && from === null) refuseHalfChanged(set.assigned, target, scope, emitter)
  if (!single) refuseFollowed(set.assigned, target, emitter)
  const { whereClause } = statement
  const condition = whereClause === undefined ? null : emitter.filter(whereClause, scope)
  if (from !== null && statement.limit !== undefined) {
    const construct = 'UPDATE ... FROM with LIMIT'
    throw emitter.unsupported(construct, statement.limit.span.offset, 'Choose the rows in WHERE')
  }
  const where = chosen(statement, condition, target, common.scope, emitter)
  return {
    statement,
    target,
    set,
    from,
    where,
    common: common.sql,
    outer: common.scope,
    single,
    emitter,
  }
}

function plain(updating: Updating): Plan {
  const { statement, target, set, from, where, single, emitter } = updating
  if (from !== null && !meetsOnce(statement, from, target)) return fromChanges(updating)
  const keys = single ? [] : changedKeys(set.assigned, target)
  if (keys.length === 0) return updatePlan(updating, '', set.sql, where === null ? [] : [where])
  const changes = changesOf(valuesOf(updating), tailOf(updating), target, emitter)
  const guard = orderGuard(keys, changes, target, emitter, 'fails')
  const conditions = where === null ? [guard] : [where, guard]
  return updatePlan(updating, changes.common, set.sql, conditions)
}

/** What rows of FROM make of each row is worked out first, and must be one thing. */
function fromChanges(updating: Updating): Plan {
  const { target, set, emitter } = updating
  const changes = changesOf(valuesOf(updating), tailOf(updating), target, emitter)
  const alias = emitter.freshName('change')
  const keys = changedKeys(set.assigned, target)
  const several = `EXISTS (SELECT 1 FROM ${changes.name} GROUP BY ${changes.key(changes.name)} HAVING count(*) > 1)`
  const once = `(SELECT sqlite.require(NOT ${several}, ${meetsTwiceMessage(target)}))`
  const guards = keys.length === 0 ? [] : [orderGuard(keys, changes, target, emitter, 'fails')]
  const conditions = [changes.is(alias, target.source), once, ...guards]
  const from = `${changes.name} AS ${alias}`
  return updatePlan(
    { ...updating, from: { sql: from, sources: [] } },
    changes.common,
    setsFrom(alias, updating),
    conditions,
  )
}
