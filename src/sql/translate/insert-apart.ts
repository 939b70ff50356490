import type { UniqueKey } from '../catalog.ts'
import { quoteText } from '../quote.ts'
import { fullQuery, type InsertBody } from './insert-body.ts'
import { guardedBody, type GuardOptions, type Insertion } from './insertion.ts'
import type { Source } from './scope.ts'
import { collide } from './unique-keys.ts'

/**
 * Several rows of which none is alike another in one of the keys, so that none hangs on what became of those before it
 * and a condition on the table as it was says what SQLite finds; the server refuses others.
 */
export function apartBody(
  keys: readonly UniqueKey[],
  conditions: (source: Source) => readonly string[],
  options: GuardOptions,
  insertion: Insertion,
): InsertBody {
  const { target, rows, emitter } = insertion
  const { relation, offset } = target
  const [all, number, given] = ['rows', 'number', 'given'].map((stem) =>
    emitter.freshName(stem),
  ) as [string, string, string]
  const source = (): Source => emitter.source(relation, relation.name, emitter.freshName('each'))
  const [one, other] = [source(), source()]
  const alike = keys.map((key) => collide(key, one, other, { relation, emitter, offset }))
  const pairs = `${all} AS ${one.sqlName} JOIN ${all} AS ${other.sqlName} ON ${one.sqlName}.${number} < ${other.sqlName}.${number}`
  const message = `INSERT into "${relation.name}": two of the rows are alike in a key, so that what becomes of one hangs on the other. Insert them one by one`
  const apart = `(SELECT sqlite.require(NOT EXISTS (SELECT 1 FROM ${pairs} WHERE ${alike.join(' OR ')}), ${quoteText(message)}))`
  const query = `SELECT * FROM ${all} WHERE ${apart}`
  const numbered = `SELECT row_number() OVER () AS ${number}, * FROM (${fullQuery(rows, target, emitter)}) AS ${given}`
  const body = guardedBody(insertion, conditions, { ...options, query, number })
  return { ...body, common: `${all} AS MATERIALIZED (${numbered})` }
}
