import type { SelectFrom, SortedColumn } from 'sqlite3-parser'
import { equalityKey } from './comparison.ts'
import type { EmittedColumn, SelectText, Emitter } from './emitter.ts'
import { sortTerms } from './order.ts'
import type { OrderTerm } from './result-order.ts'
import type { Scope } from './scope.ts'
import { isDoubtful } from './doubtful-value.ts'
import { isGivenInOrder, withoutAlikes } from './shown-text.ts'
import { derived, readingKeys } from './sources.ts'

export interface DistinctParts {
  readonly columns: readonly EmittedColumn[]
  /** FROM and what follows, up to ORDER BY. */
  readonly body: string
  readonly terms: readonly OrderTerm[]
  readonly limit: string
  readonly select: SelectFrom
  readonly orderBy: readonly SortedColumn[]
}

/**
 * SELECT DISTINCT. PostgreSQL sorts distinct rows only by their own columns, and knows equality only as its
 * types have it, so anything else is done around a subquery.
 */
export function distinctSelect(parts: DistinctParts, scope: Scope, emitter: Emitter): SelectText {
  const { columns, body, terms, limit } = parts
  const list = columns.map(({ expression, sqlName }) => `${expression.sql} AS ${sqlName}`)
  const keys = columns.map(({ expression }) => equalityKey(expression))
  const isPlain = columns.every(({ expression }, index) => keys[index] === expression.sql)
  const strange = terms.filter(({ position }) => position === null)
  const result = { columns, order: 'none' } as const
  if (strange.length === 0 && isPlain) {
    const rows = `SELECT DISTINCT ${list.join(', ')}${body}`
    if (terms.length === 0) return { ...result, sql: rows + limit }
    const sql = `SELECT ${around(rows, columns, terms, [], emitter)}${limit}`
    return { ...result, sql }
  }
  const extra = strange.map(({ value }, index) => `${value.sql} AS "o ${index + 1}"`)
  // SQLite keeps the first row that it meets of those that are equal: with tables of their own, by rowid.
  const reading = scope.sources.map(readingKeys)
  const isKnown = !reading.includes(null) && parts.select.groupBy === undefined
  const places = isKnown ? reading.flat() : []
  const rows = firstOfEach([...list, ...extra], keys, places, parts, scope, emitter)
  return { ...result, sql: `SELECT ${around(rows, columns, terms, strange, emitter)}${limit}` }
}

function firstOfEach(
  list: readonly string[],
  keys: readonly string[],
  places: readonly (string | null)[],
  { columns, body, orderBy, select }: DistinctParts,
  scope: Scope,
  emitter: Emitter,
): string {
  const order = places.length === 0 ? '' : ` ORDER BY ${[...keys, ...places].join(', ')}`
  const isSettled =
    !columns.some((column) => isDoubtful(column.expression, emitter)) ||
    isGivenInOrder(select, orderBy, scope.parent, emitter)
  if (isSettled) return `SELECT DISTINCT ON (${keys.join(', ')}) ${list.join(', ')}${body}${order}`
  const marked = places.map((place, index) => `${place} AS "r ${index + 1}"`)
  const rows = withoutAlikes(`SELECT ${[...list, ...marked].join(', ')}${body}`, columns, emitter)
  const own = columns.map(({ expression, sqlName }) => equalityKey(derived(expression, sqlName)))
  const first = [...own, ...marked.map((_, index) => `"r ${index + 1}"`)].join(', ')
  return `SELECT DISTINCT ON (${own.join(', ')}) * FROM ${rows} ORDER BY ${first}`
}

/** The outer query's list, FROM and ORDER BY. */
function around(
  rows: string,
  columns: readonly EmittedColumn[],
  terms: readonly OrderTerm[],
  strange: readonly OrderTerm[],
  emitter: Emitter,
): string {
  const alias = emitter.freshName('d')
  const list = columns.map(({ sqlName }) => `${alias}.${sqlName} AS ${sqlName}`).join(', ')
  const sorted = terms.flatMap((term) => {
    const name =
      term.position === null
        ? `"o ${strange.indexOf(term) + 1}"`
        : (columns[term.position]?.sqlName ?? '')
    return sortTerms(derived(term.value, `${alias}.${name}`), term.direction)
  })
  const order = sorted.length === 0 ? '' : ` ORDER BY ${sorted.join(', ')}`
  return `${list} FROM (${rows}) AS ${alias}${order}`
}
