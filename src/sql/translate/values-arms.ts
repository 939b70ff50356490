import type { SelectValues, ValuesRow } from 'sqlite3-parser'
import { isTrivia, tokenize } from '../parser.ts'
import { ENDS_VIEWS } from '../views.ts'
import { unify } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { isWrittenConstant } from './written-constant.ts'

type Row = readonly TypedExpression[]

interface ValuesArm {
  /** What its columns are. */
  readonly values: Row
  /** The row that it is, where it is one alone. */
  readonly only?: ValuesRow
}

/**
 * VALUES of several rows as what SQLite makes of it while it parses: SELECTs put together by UNION ALL, of which one stands
 * for a run of constant rows where the first of the run has no affinity. sqlite3MultiValues of insert.c
 * @param rows the values of each row
 */
export function valuesArms(
  node: SelectValues,
  rows: readonly Row[],
  emitter: Emitter,
): readonly ValuesArm[] {
  const runs: number[][] = []
  const isApart = rows.length > 1 && isCompound(node, emitter)
  for (const index of rows.keys()) {
    const run = runs.at(-1)
    const isOfRun = run !== undefined && !isApart && isConstant(node, index)
    const isBegun = run !== undefined && (run.length > 1 || isPlain(node, index - 1, rows))
    if (isOfRun && isBegun) run.push(index)
    else runs.push([index])
  }
  return runs.map((run) => armOf(run, node, rows))
}

/** In a statement with a WITH and in the schema there are no such runs. */
function isCompound({ span }: SelectValues, { sql, parameters }: Emitter): boolean {
  if (parameters.isOfTrigger) return true
  const before = sql.slice(0, span.offset)
  if (!/\b(?:with|create)\b/i.test(before)) return false
  const tokens = tokenize(before)
  const begin = tokens.findLastIndex(({ text }) => text === ENDS_VIEWS) + 1
  const words = tokens.slice(begin).filter((token) => !isTrivia(token))
  const isView = words[0]?.name === 'CREATE' && words.some(({ name }) => name === 'VIEW')
  return isView || words.some(({ name }) => name === 'WITH')
}

function isConstant(node: SelectValues, index: number): boolean {
  return node.values[index]?.values.every(isWrittenConstant) === true
}

function isPlain(node: SelectValues, index: number, rows: readonly Row[]): boolean {
  return (
    isConstant(node, index) && rows[index]?.every(({ affinity }) => affinity === 'none') === true
  )
}

/** Of a run the columns are those of a subquery, of which the first row says the collations. */
function armOf(run: readonly number[], node: SelectValues, rows: readonly Row[]): ValuesArm {
  const [first = 0, second] = run
  const values = rows[first] ?? []
  const only = node.values[first]
  if (second === undefined) return { values, ...(only && { only }) }
  return {
    values: values.map((own, column) => {
      const all = run.map((index) => rows[index]?.[column] as TypedExpression)
      const { collation } = own
      const notNull = all.every((value) => value.notNull)
      return typed(own.sql, unify(all).type, { collation, collationFrom: 'column', notNull })
    }),
  }
}
