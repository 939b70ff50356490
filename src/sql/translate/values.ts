import type { SelectValues } from 'sqlite3-parser'
import { unify } from './convert.ts'
import type { EmittedColumn, SelectText, Emitter, SelectOptions } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { emittedColumn } from './results.ts'
import { createScope, type Scope } from './scope.ts'
import { storedAs } from './stored-select.ts'

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
  const store = storedAs(options, width)
  const columns: EmittedColumn[] = []
  const texts: (readonly string[])[] = []
  for (let index = 0; index < width; index += 1) {
    const name = `column${index + 1}`
    const target = store?.[index]
    const values = rows.map((row) => emitter.value(row[index] as (typeof row)[number], scope))
    const stored =
      target && rows.map((row) => emitter.store(row[index] as (typeof row)[number], target, scope))
    const { type, sql } = unify(values)
    texts.push(stored ?? sql)
    columns.push(emittedColumn(name, `"${name}"`, columnOf(values, type, name)))
  }
  const list = rows.map((_, row) => `(${texts.map((column) => column[row]).join(', ')})`)
  const alias = emitter.freshName('v')
  const sql = `SELECT * FROM (VALUES ${list.join(', ')}) AS ${alias}`
  return { sql, columns, order: rows.length === 1 ? 'total' : 'none' }
}

function columnOf(
  values: readonly TypedExpression[],
  type: TypedExpression['type'],
  name: string,
): TypedExpression {
  const [only, second] = values
  if (only !== undefined && second === undefined) return { ...only, literal: undefined }
  const notNull = values.every((value) => value.notNull)
  return typed(`"${name}"`, type, { notNull })
}
