import type { RelationColumn } from '../catalog.ts'
import type { SelectOptions, SelectText, Emitter } from './emitter.ts'
import { derived } from './sources.ts'

/** The columns that values go into; none where there are fewer or more of them, of which the INSERT fails. */
export function storedAs(
  { store }: SelectOptions,
  count: number,
): readonly RelationColumn[] | undefined {
  return store?.length === count ? store : undefined
}

/** A query's columns as the columns of a table take them. */
export function storedSelect(
  inner: SelectText,
  options: SelectOptions,
  offset: number,
  emitter: Emitter,
): SelectText {
  const alias = emitter.freshName('s')
  const store = storedAs(options, inner.columns.length)
  const list = inner.columns.map(({ expression, sqlName }, index) => {
    const value = derived(expression, `${alias}.${sqlName}`)
    const column = store?.[index]
    const sql = column === undefined ? value.sql : emitter.storeTyped(value, column, offset)
    return `${sql} AS ${sqlName}`
  })
  return { ...inner, sql: `SELECT ${list.join(', ')} FROM (${inner.sql}) AS ${alias}` }
}
