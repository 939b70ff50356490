import type { UniqueKey } from '../catalog.ts'
import { quoteName, quoteText } from '../quote.ts'
import type { Assignment } from './assignments.ts'
import type { Emitter } from './emitter.ts'
import { allColumns } from './insert-body.ts'
import type { Source } from './scope.ts'
import { keyColumns, type Target } from './target.ts'
import { collide, columnsOfKey } from './unique-keys.ts'

/** The unique keys that an UPDATE may change. */
export function changedKeys(
  assigned: readonly Assignment[],
  { relation }: Target,
): readonly UniqueKey[] {
  const names = new Set(assigned.map(({ column }) => column.name))
  return relation.uniqueKeys.filter((key) =>
    columnsOfKey(key, relation).some(({ name }) => names.has(name)),
  )
}

/** The rows that an UPDATE changes, as they will be, each with the key that it had. */
export interface Changes {
  /** `... AS MATERIALIZED (...)`, for WITH. */
  readonly common: string
  /** The name of it. */
  readonly name: string
  /** A row as it will be, under an alias of the common table. */
  row(alias: string): Source
  /** The aliases stand for the same row. */
  same(left: string, right: string): string
  /** The alias stands for this row of the table. */
  is(alias: string, row: Source): string
  /** The columns of the key that a row had, under an alias. */
  key(alias: string): string
}

/**
 * @param tail ` FROM ... WHERE ...` that gives the rows.
 * @param values of the columns that change, stored.
 */
export function changesOf(
  values: ReadonlyMap<string, string>,
  tail: string,
  target: Target,
  emitter: Emitter,
): Changes {
  const { relation, sqlName } = target
  const name = emitter.freshName('changes')
  const own = allColumns(target).map(({ name: column, postgresName, postgresType }) => {
    const quoted = quoteName(postgresName)
    const sql = values.get(column) ?? `${sqlName}.${quoted}`
    // PostgreSQL cannot compare json, of which the text is all that there is.
    return { sql, quoted, term: postgresType === 'json' ? `(${sql})::text` : sql }
  })
  const keys = keyColumns(relation).map(({ postgresName }) => ({
    quoted: quoteName(postgresName),
    was: emitter.freshName('was'),
  }))
  const rows = [...own.map(({ sql, quoted }) => `${sql} AS ${quoted}`), ...were(keys, sqlName)]
  const terms = [
    ...own.map(({ term }) => term),
    ...keys.map(({ quoted }) => `${sqlName}.${quoted}`),
  ]
  const distinct = own.some(({ sql, term }) => sql !== term)
    ? `DISTINCT ON (${terms.join(', ')})`
    : 'DISTINCT'
  const key = (alias: string): string => `(${keys.map(({ was }) => `${alias}.${was}`).join(', ')})`
  return {
    common: `${name} AS MATERIALIZED (SELECT ${distinct} ${rows.join(', ')}${tail})`,
    name,
    row: (alias) => emitter.source(relation, relation.name, alias),
    same: (left, right) => `${key(left)} = ${key(right)}`,
    is: (alias, row) =>
      `${key(alias)} = (${keys.map(({ quoted }) => `${row.sqlName}.${quoted}`).join(', ')})`,
    key,
  }
}

function were(
  keys: readonly { readonly quoted: string; readonly was: string }[],
  table: string,
): string[] {
  return keys.map(({ quoted, was }) => `${table}.${quoted} AS ${was}`)
}

/** What a row will be collides with a row of the table that gives up its key in the same statement. */
function taken(key: UniqueKey, changes: Changes, target: Target, emitter: Emitter): string {
  const { relation, table, offset } = target
  const [one, other, row] = [
    emitter.freshName('one'),
    emitter.freshName('other'),
    emitter.freshName('row'),
  ]
  const stored = emitter.source(relation, relation.name, row)
  const context = { relation, emitter, offset }
  const collides = collide(key, changes.row(one), stored, context)
  const stays = collide(key, changes.row(other), stored, context)
  return `EXISTS (SELECT 1 FROM ${changes.name} AS ${one} JOIN ${table} AS ${row} ON ${collides} JOIN ${changes.name} AS ${other} ON ${changes.is(other, stored)} WHERE NOT (${changes.same(one, other)}) AND ${stays} IS NOT TRUE)`
}

/** Two rows will be the same in the key. */
function meet(key: UniqueKey, changes: Changes, target: Target, emitter: Emitter): string {
  const { relation, offset } = target
  const [one, other] = [emitter.freshName('one'), emitter.freshName('other')]
  const context = { relation, emitter, offset }
  const collides = collide(key, changes.row(one), changes.row(other), context)
  return `EXISTS (SELECT 1 FROM ${changes.name} AS ${one} JOIN ${changes.name} AS ${other} ON ${collides} WHERE NOT (${changes.same(one, other)}))`
}

/**
 * SQLite changes one row after the other and looks at the keys each time. So where a row takes the key that
 * another one gives up, the outcome hangs on which comes first, and nothing tells. Where two rows take the
 * same key the statement fails on both places whatever the order, unless a policy has one of them give way.
 * @param twice what becomes of two rows that take the same key: `settled` where the statement says which of them has it.
 */
export function orderGuard(
  keys: readonly UniqueKey[],
  changes: Changes,
  target: Target,
  emitter: Emitter,
  twice: 'fails' | 'refused' | 'settled',
): string {
  const takes = keys.map((key) => taken(key, changes, target, emitter)).join(' OR ')
  const alike = keys.map((key) => meet(key, changes, target, emitter)).join(' OR ')
  const forms = {
    fails: `(NOT (${takes}) OR ${alike})`,
    refused: `NOT (${takes} OR ${alike})`,
    settled: `NOT (${takes})`,
  }
  const message = `UPDATE of "${target.relation.name}": a row takes a key that another one gives up, so that the outcome hangs on the order in which SQLite reads the rows. Update them one by one`
  return `(SELECT sqlite.require(${forms[twice]}, ${quoteText(message)}))`
}
