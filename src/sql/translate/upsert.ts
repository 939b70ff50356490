import { requireParents } from './absent-parents.ts'
import type { SetUpsertDo, Upsert } from 'sqlite3-parser'
import type { UniqueKey } from '../catalog.ts'
import { foldName, quoteName, quoteText } from '../quote.ts'
import { assignments, type Assignment } from './assignments.ts'
import { checkedAfter } from './checks.ts'
import { conflictKey } from './conflict-target.ts'
import type { Plan } from './emitter.ts'
import {
  exists,
  guardedBody,
  insertPlan,
  isAutomatic,
  mayBeAutomatic,
  orRefused,
  plainBody,
  possibleKeys,
  type GuardOptions,
  type Insertion,
} from './insertion.ts'
import { apartBody } from './insert-apart.ts'
import { isFree, skippingBody } from './insert-skipping.ts'
import { readsTable } from './returning.ts'
import { rowidNames } from './rowid-names.ts'
import { createScope, type Scope, type Source } from './scope.ts'
import { columnsNamedIn, descendants, subqueriesIn, tablesNamedIn } from './syntax.ts'
import { isRowid, refusePolicies, refuseUncounted, rowidColumn, type Target } from './target.ts'
import { refuseUnfollowed } from './unfollowed-keys.ts'
import { collide, columnsOfKey, inferred } from './unique-keys.ts'

/** One ON CONFLICT clause and the keys that it is for, those of earlier clauses left out. */
interface Clause {
  readonly keys: readonly UniqueKey[]
  /** It names no key, so that it is for all. */
  readonly isOpen: boolean
  readonly update: SetUpsertDo | null
}

/**
 * SQLite looks at the clauses in order and takes the first whose key collides. PostgreSQL has one clause:
 * the one that updates. What others would leave out is left out before; see `skipped`.
 */
export function translateUpsert(upsert: Upsert, insertion: Insertion): Plan {
  refuseUncounted('ON CONFLICT', insertion.rows.many, insertion.target, insertion.emitter)
  const clauses = clausesOf(upsert, insertion)
  const updating = clauses.filter(({ update, keys }) => update !== null && keys.length > 0)
  for (const { update, keys } of clauses) {
    if (update !== null && keys.length === 0) checkUpdate(update, insertion)
  }
  const [updates, second] = updating
  if (second !== undefined) {
    const construct = 'Several ON CONFLICT clauses with DO UPDATE'
    const { offset } = upsert.span
    throw insertion.emitter.unsupported(construct, offset, 'Keep one, and UPDATE by the other key')
  }
  if (updates === undefined) return doNothing(clauses, insertion)
  return doUpdate(updates, clauses, insertion)
}

function clausesOf(upsert: Upsert, insertion: Insertion): Clause[] {
  const { target, emitter } = insertion
  const possible = possibleKeys(insertion)
  const clauses: Clause[] = []
  const taken = new Set<UniqueKey>()
  for (let each: Upsert | undefined = upsert; each; each = each.next) {
    const { index, doClause } = each
    const named = index === undefined ? possible : [conflictKey(index, target, emitter)]
    const keys = named.filter((key) => possible.includes(key) && !taken.has(key))
    for (const key of keys) taken.add(key)
    const update = doClause.type === 'SetUpsertDo' ? doClause : null
    clauses.push({ keys, isOpen: index === undefined, update })
  }
  return clauses
}

function doNothing(clauses: readonly Clause[], insertion: Insertion): Plan {
  const { target, emitter } = insertion
  const keys = clauses.flatMap((clause) => clause.keys)
  const all = possibleKeys(insertion).every((key) => keys.includes(key))
  const [first] = keys
  const conflict =
    all || first === undefined
      ? ' ON CONFLICT DO NOTHING'
      : ` ON CONFLICT ${inferred(first, target, emitter)} DO NOTHING`
  const outcome = {
    conflict: first === undefined ? '' : conflict,
    updates: false,
  }
  if (!all && keys.length > 1) refuseMany(clauses, insertion)
  const { autoincrement, hasTriggers } = target.relation
  const saves = mayBeAutomatic(insertion) && !autoincrement && !hasTriggers
  const looked = saves ? keys : all ? [] : keys.slice(1)
  if (looked.length === 0) return insertPlan(insertion, plainBody(insertion), outcome)
  const conditions = (row: Source): readonly string[] =>
    saves ? [] : looked.map((key) => isFree(key, row, insertion))
  const body = skippingBody({ keys: looked, conditions, strict: true }, insertion)
  return insertPlan(insertion, body, outcome)
}

/** Rows of the same statement may collide with each other in a key that is not PostgreSQL's own target. */
function refuseMany(clauses: readonly Clause[], { rows, target, emitter }: Insertion): void {
  if (!rows.many || clauses.length < 2) return
  const construct = 'Several ON CONFLICT clauses for several rows'
  throw emitter.unsupported(construct, target.offset, 'Insert the rows one by one')
}

function doUpdate(clause: Clause, clauses: readonly Clause[], insertion: Insertion): Plan {
  const { target, emitter } = insertion
  refusePolicies('ON CONFLICT DO UPDATE', target, emitter)
  const [key, second] = clause.keys
  const update = clause.update as SetUpsertDo
  if (key === undefined || second !== undefined) {
    const construct = 'ON CONFLICT DO UPDATE without a target, where several keys can collide'
    throw emitter.unsupported(construct, update.span.offset, 'Name the columns of the key')
  }
  const { sql, checked, assigned } = updateText(update, insertion)
  const conflict = ` ON CONFLICT ${inferred(key, target, emitter)} ${sql}`
  const outcome = { conflict, updates: true, checked }
  const skips = clauses.some((each) => each !== clause && each.keys.length > 0)
  const isChained = skips && insertion.rows.many
  const keys = clauses.flatMap((each) => each.keys)
  // A row that is updated may get in the way of those behind it, as one that is inserted does.
  if (isChained && changesKey(assigned, keys, target)) refuseMany(clauses, insertion)
  const { autoincrement, hasTriggers } = target.relation
  const isCounted = autoincrement || hasTriggers || readsNewRowid(update, insertion)
  const saves = mayBeAutomatic(insertion) && !isCounted
  const isDrawn = mayDrawOn(key, insertion)
  if (!skips && !saves && !isDrawn) return insertPlan(insertion, plainBody(insertion), outcome)
  const conditions = (row: Source): string[] => [
    ...skipped(clause, clauses, row, insertion),
    ...(isDrawn ? [drawsNothingOn(key, row, insertion)] : []),
  ]
  const options: GuardOptions = {
    automatic: (row) => (saves ? rowidOf(key, row, insertion) : null),
  }
  const body = isChained
    ? apartBody(keys, conditions, options, insertion)
    : guardedBody(insertion, conditions, options)
  return insertPlan(insertion, body, outcome)
}

/**
 * A rowid that is given draws PostgreSQL's automatic ones on also where its row is updated in the end, so that those
 * of the same statement would come out higher. With AUTOINCREMENT they do on SQLite too.
 */
function mayDrawOn(key: UniqueKey, insertion: Insertion): boolean {
  const { rows, target } = insertion
  const { relation } = target
  const isMixed = rows.many && mayBeAutomatic(insertion) && !isAutomatic(insertion)
  const isRowidKey = columnsOfKey(key, relation).some((column) => isRowid(relation, column))
  return isMixed && !relation.autoincrement && !isRowidKey
}

function drawsNothingOn(key: UniqueKey, row: Source, insertion: Insertion): string {
  const { relation } = insertion.target
  const rowid = `${row.sqlName}.${quoteName(rowidColumn(relation)?.postgresName ?? '')}`
  const message = `INSERT into "${relation.name}": a rowid is given for a row that is updated, beside rows that get theirs. Insert them one by one`
  return `(CASE WHEN ${rowid} IS NULL THEN TRUE ELSE sqlite.require(NOT ${exists(key, row, insertion)}, ${quoteText(message)}) END)`
}

function changesKey(
  assigned: readonly Assignment[],
  keys: readonly UniqueKey[],
  { relation }: Target,
): boolean {
  const names = new Set(assigned.map(({ column }) => column.name))
  return keys.some((key) => columnsOfKey(key, relation).some(({ name }) => names.has(name)))
}

/** What clauses with DO NOTHING leave out: before the update always, behind it unless its own key collides. */
function skipped(
  clause: Clause,
  clauses: readonly Clause[],
  row: Source,
  insertion: Insertion,
): string[] {
  const position = clauses.indexOf(clause)
  return clauses.flatMap(({ keys }, index) => {
    if (index === position) return []
    return keys.map((key) => {
      const found = exists(key, row, insertion)
      const own = clause.keys.map((each) => exists(each, row, insertion))
      const isFree = index < position ? `NOT ${found}` : `(NOT ${found} OR ${own.join(' OR ')})`
      return orRefused(isFree, row, insertion)
    })
  })
}

/**
 * The rowid of the row that will be updated stands in for a new one, so that the sequence stays where it
 * is, as SQLite gives no rowid to a row that it does not insert.
 */
function rowidOf(key: UniqueKey, row: Source, { target, emitter }: Insertion): string {
  const { relation, table, offset } = target
  const alias = emitter.freshName('old')
  const old = emitter.source(relation, relation.name, alias)
  const condition = collide(key, old, row, { relation, emitter, offset })
  const column = quoteName(rowidColumn(relation)?.postgresName ?? '')
  return `(SELECT ${alias}.${column} FROM ${table} AS ${alias} WHERE ${condition} LIMIT 1)`
}

/** SQLite reads a clause also where the rows that are given cannot collide in its key. */
function checkUpdate({ sets, whereClause }: SetUpsertDo, insertion: Insertion): void {
  const { target, emitter } = insertion
  const scope = upsertScope(insertion)
  assignments(sets, target, scope, emitter)
  if (whereClause !== undefined) emitter.condition(whereClause, scope)
}

function updateText(
  update: SetUpsertDo,
  insertion: Insertion,
): {
  readonly sql: string
  readonly checked: readonly string[]
  readonly assigned: readonly Assignment[]
} {
  const { target, emitter } = insertion
  refuseReading(update, insertion)
  const scope = upsertScope(insertion)
  const { sql, assigned } = assignments(update.sets, target, scope, emitter)
  requireParents('UPDATE', target, emitter, assigned)
  refuseUnfollowed('DO UPDATE of the key of', target, emitter, assigned)
  const where =
    update.whereClause === undefined ? '' : ` WHERE ${emitter.condition(update.whereClause, scope)}`
  const checked = checkedAfter(assigned, target, emitter)
  return { sql: `DO UPDATE SET ${sql}${where}`, checked, assigned }
}

/** A bare name is the table's column; `excluded` is reached by its name only. */
function upsertScope({ target, scope, emitter }: Insertion): Scope {
  const excluded = emitter.source(target.relation, 'excluded', 'excluded')
  return createScope(createScope(scope, { sources: [excluded] }), { sources: [target.source] })
}

function refuseReading(update: SetUpsertDo, { rows, target, emitter }: Insertion): void {
  if (!rows.many) return
  for (const subquery of subqueriesIn(update)) {
    if (!readsTable(tablesNamedIn(subquery), target.relation.name, emitter)) continue
    const construct = 'A subquery in DO UPDATE that reads the table while rows are being written'
    throw emitter.unsupported(construct, subquery.span.offset, 'Insert the rows one by one')
  }
}

function readsNewRowid(update: SetUpsertDo, { target }: Insertion): boolean {
  const names = [...rowidNames, foldName(target.relation.rowid?.column ?? '')]
  if (columnsNamedIn(update) === null) return true
  return [...descendants(update)].some(
    (node) =>
      node.type === 'QualifiedExpr' &&
      foldName(node.table.text) === 'excluded' &&
      names.includes(foldName(node.column.text)),
  )
}
