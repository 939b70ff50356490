import type { Expr, SelectValues } from 'sqlite3-parser'
import { collatedByFirst, combined } from './compound-columns.ts'
import { unify } from './convert.ts'
import type { EmittedColumn, SelectText, Emitter, SelectOptions } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { guessedClasses } from './guessed-classes.ts'
import { isCast } from './real-affinity.ts'
import { emittedColumn, writtenColumn } from './results.ts'
import { createScope, type Scope } from './scope.ts'
import { storedAs } from './stored-select.ts'
import { valuesArms } from './values-arms.ts'

/** `VALUES (1, 'a'), (2, NULL)`: each column of the one type that its values share. */
export function emitValues(
  node: SelectValues,
  parent: Scope | null,
  options: SelectOptions,
  emitter: Emitter,
): SelectText {
  const scope = createScope(parent)
  const width = node.values[0]?.values.length ?? 0
  const rows = node.values.map(({ values, span }) => {
    if (values.length === width) return values
    throw emitter.wrong('all VALUES must have the same number of terms', span.offset)
  })
  const emitted = rows.map((row) => row.map((each) => emitter.value(each, scope)))
  const store = storedAs(options, width)
  const columns = (rows[0] ?? []).map((first, index) => {
    const target = store?.[index]
    const { type, sql } = unify(emitted.map((row) => row[index] as TypedExpression))
    const stored = target && rows.map((row) => emitter.store(row[index] as Expr, target, scope))
    return {
      type,
      texts: stored ?? sql,
      name: `column${index + 1}`,
      written: writtenColumn(first, emitter),
    }
  })
  const list = rows.map((_, row) => `(${columns.map(({ texts }) => texts[row]).join(', ')})`)
  const alias = emitter.freshName('v')
  const arms = valuesArms(node, emitted, emitter).map(({ values, only }) => ({
    columns: values.map((expression, index) => {
      const { name, written = name } = columns[index] as (typeof columns)[number]
      const column = emittedColumn(name, `"${name}"`, expression, written)
      const own = only?.values[index]
      return own === undefined
        ? column
        : { ...column, guess: () => guessedClasses(own, scope, emitter), isCast: isCast(own) }
    }),
  }))
  return {
    sql: `SELECT * FROM (VALUES ${list.join(', ')}) AS ${alias}`,
    columns: wholeOf(arms).map((column, index) => {
      const { type } = columns[index] as (typeof columns)[number]
      return { ...column, expression: { ...column.expression, type, literal: undefined } }
    }),
    order: rows.length === 1 ? 'total' : 'none',
    ...(arms.length > 1 && { arms, last: arms.at(-1)?.columns ?? [] }),
  }
}

type Arm = Pick<SelectText, 'columns'>

function wholeOf(arms: readonly Arm[]): readonly EmittedColumn[] {
  const [first, second] = arms
  return second === undefined
    ? (first?.columns ?? [])
    : collatedByFirst(combined(arms), first, false)
}
