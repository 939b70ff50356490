import type { UniqueKey } from '../catalog.ts'
import { quoteName, quoteText } from '../quote.ts'
import { orCheckFails } from './checks.ts'
import { allColumns, fullQuery, orAutomatic, type InsertBody } from './insert-body.ts'
import { exists, guardedBody, mayBeAutomatic, orRefused, type Insertion } from './insertion.ts'
import type { Source } from './scope.ts'
import { collide } from './unique-keys.ts'

/** What a statement leaves rows out for. */
export interface Skipping {
  /** The keys in which a row that collides is left out. */
  readonly keys: readonly UniqueKey[]
  /** What else a row must be like to be inserted. */
  readonly conditions: (row: Source) => readonly string[]
  /** A row that breaks a CHECK fails; else the conditions see to it. */
  readonly strict: boolean
}

/**
 * The rows of an INSERT that leaves some out, so that those that stay get the rowids that SQLite gives them: a
 * row that is left out uses up none, except with AUTOINCREMENT, where each row counts as it comes.
 * ON CONFLICT DO NOTHING stands behind it all the same.
 */
export function skippingBody(skipping: Skipping, insertion: Insertion): InsertBody {
  const { target, rows } = insertion
  const { keys, conditions, strict } = skipping
  const { autoincrement, hasTriggers } = target.relation
  if (!mayBeAutomatic(insertion)) return guardedBody(insertion, conditions, { strict })
  if (autoincrement) return guardedBody(insertion, conditions, { strict, counts: true })
  if (hasTriggers || keys.length === 0) return guardedBody(insertion, conditions, { strict })
  if (rows.many) return firstOnes(skipping, insertion)
  const free = (row: Source): readonly string[] => [
    ...conditions(row),
    ...keys.map((key) => isFree(key, row, insertion)),
  ]
  return guardedBody(insertion, free, { strict })
}

/** No row of the table is in the way of the new one in the key. */
export function isFree(key: UniqueKey, row: Source, insertion: Insertion): string {
  return orRefused(`NOT ${exists(key, row, insertion)}`, row, insertion)
}

/**
 * Several rows may be in each other's way, which no condition on the table can see: of those that are alike in a
 * key the first is inserted. A sort keeps them in their order, behind which PostgreSQL draws the rowids.
 */
function firstOnes({ keys, conditions, strict }: Skipping, insertion: Insertion): InsertBody {
  const { target, rows, emitter } = insertion
  const { relation, offset } = target
  const [all, fit, number] = ['rows', 'fit', 'number'].map((stem) => emitter.freshName(stem)) as [
    string,
    string,
    string,
  ]
  const source = (stem: string): Source =>
    emitter.source(relation, relation.name, emitter.freshName(stem))
  const [row, own, earlier, between] = [source('new'), source('new'), source('old'), source('old')]
  const collides = (left: Source, right: Source): string => {
    const each = keys.map((key) => collide(key, left, right, { relation, emitter, offset }))
    return `${left.sqlName}.${number} < ${right.sqlName}.${number} AND (${each.join(' OR ')})`
  }
  const checks = strict ? orCheckFails(row, target, emitter) : []
  const fits = [
    ...checks.map((check) => orRefused(check, row, insertion)),
    ...conditions(row),
    ...keys.map((key) => isFree(key, row, insertion)),
  ]
  const common = [
    `${all} AS MATERIALIZED (SELECT row_number() OVER () AS ${number}, * FROM (${fullQuery(rows, target, emitter)}) AS ${emitter.freshName('given')})`,
    `${fit} AS MATERIALIZED (SELECT * FROM ${all} AS ${row.sqlName} WHERE ${fits.join(' AND ')})`,
  ].join(', ')
  const isFirst = `NOT EXISTS (SELECT 1 FROM ${fit} AS ${earlier.sqlName} WHERE ${collides(earlier, own)})`
  const chained = `EXISTS (SELECT 1 FROM ${fit} AS ${earlier.sqlName} JOIN ${fit} AS ${between.sqlName} ON ${collides(earlier, between)} JOIN ${fit} AS ${own.sqlName} ON ${collides(between, own)})`
  const guard = keys.length > 1 ? ` AND ${unchained(chained, insertion)}` : ''
  const columns = allColumns(target)
  const values = columns.map((column) =>
    orAutomatic(`${own.sqlName}.${quoteName(column.postgresName)}`, column, target),
  )
  const sql = `SELECT ${values.join(', ')} FROM ${fit} AS ${own.sqlName} WHERE ${orRefused(isFirst, own, insertion)}${guard} ORDER BY ${own.sqlName}.${number}`
  return { columns, sql, common }
}

/** With one key, what is like a row that is left out is like the one before that; with several it need not be. */
function unchained(chained: string, { target }: Insertion): string {
  const message = `INSERT into "${target.relation.name}": a row is in the way of a second one and that of a third, so that it hangs on each which are left out. Insert them one by one`
  return `(SELECT sqlite.require(NOT ${chained}, ${quoteText(message)}))`
}
