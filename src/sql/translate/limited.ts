import type { Expr, Limit, SortedColumn } from 'sqlite3-parser'
import { quoteName, quoteText } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { isReadByKey } from './read-in-order.ts'
import { createScope, type Scope } from './scope.ts'
import { readingKeys } from './sources.ts'
import { keyColumns, type Target } from './target.ts'

interface Limited {
  readonly orderBy: readonly SortedColumn[] | undefined
  readonly limit: Limit | undefined
  readonly whereClause: Expr | undefined
}

/** SQLite's words for an ORDER BY that nothing would heed. */
export function checkLimit(
  { orderBy, limit }: Limited,
  verb: 'UPDATE' | 'DELETE',
  emitter: Emitter,
): void {
  const [first] = orderBy ?? []
  if (first === undefined || limit !== undefined) return
  throw emitter.wrong(`ORDER BY without LIMIT on ${verb}`, first.span.offset)
}

/**
 * The condition that a row is among those that ORDER BY and LIMIT choose. Ties are broken by the key, which is
 * the order in which SQLite reads a table. Without ORDER BY an index may bring it others first, so that all or none must
 * be taken then, which the server sees.
 * @param where of the statement, for rows of the target.
 */
export function chosen(
  { orderBy, limit, whereClause }: Limited,
  where: string | null,
  target: Target,
  scope: Scope | null,
  emitter: Emitter,
): string | null {
  if (limit === undefined) return where
  const rows = createScope(scope, { sources: [target.source] })
  const order = emitter.orderBy(orderBy, rows)
  const own = keyColumns(target.relation)
  const key =
    readingKeys(target.source) ??
    own.map(({ postgresName }) => `${target.sqlName}.${quoteName(postgresName)}`)
  const ties = order === '' ? ` ORDER BY ${key.join(', ')}` : `${order}, ${key.join(', ')}`
  const filter = where === null ? '' : ` WHERE ${where}`
  const rest = emitter.limit(limit, scope)
  const place = `${target.sqlName}.ctid`
  const list = `ARRAY(SELECT ${place} FROM ${target.sql}${filter}${ties}${rest})`
  const reading = { nodes: whereClause === undefined ? [] : [whereClause], orderBy: [], within: [] }
  if (order !== '' || isReadByKey(reading, target.relation)) return `${place} = ANY (${list})`
  const all = `(SELECT count(*) FROM ${target.sql}${filter})`
  const isSettled = `sqlite.require(cardinality(l) IN (0, ${all}), ${quoteText(refusal)})`
  return `${place} = ANY ((SELECT CASE WHEN ${isSettled} THEN l END FROM (SELECT ${list} AS l) AS q)::tid[])`
}

const refusal =
  'LIMIT without ORDER BY that leaves out rows which an index may bring SQLite first. Say in ORDER BY which rows you mean'
