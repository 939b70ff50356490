import type { InsertStmt } from 'sqlite3-parser'
import type { Emitter, Plan } from './emitter.ts'
import { fullTextUpkeep } from './full-text-upkeep.ts'
import { translateInsertIgnore } from './insert-ignore.ts'
import { translateInsertReplace } from './insert-replace.ts'
import { insertRows } from './insert-rows.ts'
import { insertPlan, plainBody, type Insertion } from './insertion.ts'
import { tablesInOrder } from './reading-order.ts'
import { refuseFailing, refusePolicies, targetOf } from './target.ts'
import { translateUpsert } from './upsert.ts'

/** https://www.sqlite.org/lang_insert.html */
export function translateInsert(statement: InsertStmt, emitter: Emitter): Plan {
  const upkeep = fullTextUpkeep(statement, emitter)
  if (upkeep !== null) return upkeep
  const query = statement.body.type === 'SelectInsertBody' ? statement.body : undefined
  const ordered = query && tablesInOrder(query.select, statement.with?.ctes ?? [])
  const common = emitter.with(statement.with, null, ordered)
  const upsert = query?.upsert
  const skips = statement.orConflict === 'Ignore' || upsert !== undefined
  const target = targetOf(statement.tblName, 'INSERT', emitter, { skips })
  const rows = insertRows(statement, target, common.scope, emitter)
  const insertion: Insertion = {
    statement,
    target,
    rows,
    common: common.sql,
    scope: common.scope,
    emitter,
  }
  if (upsert === undefined) return byPolicy(insertion)
  if (statement.orConflict === 'Ignore' || statement.orConflict === 'Replace') {
    const construct = `INSERT OR ${statement.orConflict.toUpperCase()} with ON CONFLICT`
    throw emitter.unsupported(construct, upsert.span.offset, 'Keep one of the two')
  }
  refuseHalfWay(insertion)
  return translateUpsert(upsert, insertion)
}

function byPolicy(insertion: Insertion): Plan {
  const { statement } = insertion
  if (statement.orConflict === 'Ignore') return translateInsertIgnore(insertion)
  if (statement.orConflict === 'Replace') return translateInsertReplace(insertion)
  refuseHalfWay(insertion)
  const outcome = { conflict: '', updates: false }
  return insertPlan(insertion, plainBody(insertion), outcome)
}

/** A statement of PostgreSQL is done wholly or not at all, and does not end a transaction. */
function refuseHalfWay({ statement, rows, target, emitter }: Insertion): void {
  const { orConflict } = statement
  if (orConflict === 'Rollback') {
    const construct = 'INSERT OR ROLLBACK'
    throw emitter.unsupported(construct, target.offset, 'Roll back when the statement fails')
  }
  if (orConflict !== undefined)
    refusePolicies(`INSERT OR ${orConflict.toUpperCase()}`, target, emitter)
  if (orConflict !== 'Fail') return
  refuseFailing('INSERT', target, emitter)
  if (!rows.many) return
  const construct = 'INSERT OR FAIL of several rows'
  throw emitter.unsupported(construct, target.offset, 'Insert the rows one by one')
}
