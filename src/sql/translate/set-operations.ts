import type { CompoundOperator } from 'sqlite3-parser'
import { equalityKey } from './comparison.ts'
import type { EmittedColumn, Emitter } from './emitter.ts'

export const WORDS: Readonly<Record<CompoundOperator, string>> = {
  Union: 'UNION',
  UnionAll: 'UNION ALL',
  Except: 'EXCEPT',
  Intersect: 'INTERSECT',
}

/**
 * Two arms in parentheses made one. PostgreSQL's own operation does where its equality is SQLite's; else rows
 * are told apart by keys, and of equal ones those are kept that SQLite keeps when it merges the sorted arms.
 */
export function setOperation(
  left: string,
  operator: CompoundOperator,
  right: string,
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): string {
  const isPlain = columns.every(({ expression, sqlName }) => {
    return equalityKey({ ...expression, sql: sqlName }) === sqlName
  })
  if (operator === 'UnionAll' || isPlain) return `(${left} ${WORDS[operator]} ${right})`
  const arms = { left, right, columns, emitter }
  return operator === 'Union' ? union(arms) : matching(arms, operator === 'Except' ? 'NOT ' : '')
}

interface Arms {
  readonly left: string
  readonly right: string
  readonly columns: readonly EmittedColumn[]
  readonly emitter: Emitter
}

function keysOf(columns: readonly EmittedColumn[], alias: string): readonly string[] {
  return columns.map(({ expression, sqlName }) =>
    equalityKey({ ...expression, sql: `${alias}.${sqlName}` }),
  )
}

function listOf(columns: readonly EmittedColumn[]): string {
  return columns.map(({ sqlName }) => sqlName).join(', ')
}

/** Of equal rows the right arm's is kept, and there the first. */
function union({ left, right, columns, emitter }: Arms): string {
  const [alias, arm, row] = [emitter.freshName('u'), emitter.freshName('n'), emitter.freshName('n')]
  const rows = [left, right].map((text, index) => {
    return `SELECT *, ${index} AS ${arm}, row_number() OVER () AS ${row} FROM ${text} AS ${alias}`
  })
  const keys = keysOf(columns, alias)
  const order = [...keys, `${alias}.${arm} DESC`, `${alias}.${row}`].join(', ')
  const all = `(${rows.join(' UNION ALL ')}) AS ${alias}`
  return `(SELECT DISTINCT ON (${keys.join(', ')}) ${listOf(columns)} FROM ${all} ORDER BY ${order})`
}

/** EXCEPT and INTERSECT keep rows of the left arm, of equal ones the first. */
function matching({ left, right, columns, emitter }: Arms, not: string): string {
  const [alias, other, row] = [
    emitter.freshName('u'),
    emitter.freshName('u'),
    emitter.freshName('n'),
  ]
  const [keys, others] = [keysOf(columns, alias), keysOf(columns, other)]
  const same = keys.map((key, index) => `${key} IS NOT DISTINCT FROM ${others[index] ?? 'NULL'}`)
  const rows = `(SELECT *, row_number() OVER () AS ${row} FROM ${left} AS ${alias}) AS ${alias}`
  const list = listOf(columns)
  const match = `EXISTS (SELECT 1 FROM ${right} AS ${other} (${list}) WHERE ${same.join(' AND ')})`
  const order = [...keys, `${alias}.${row}`].join(', ')
  return `(SELECT DISTINCT ON (${keys.join(', ')}) ${list} FROM ${rows} WHERE ${not}${match} ORDER BY ${order})`
}
