import type { RelationColumn } from '../catalog.ts'
import type { SelectText, Emitter } from './emitter.ts'
import { derived } from './sources.ts'

/** A query's columns as the columns of a table take them. */
export function storedSelect(
  inner: SelectText,
  store: readonly RelationColumn[],
  offset: number,
  emitter: Emitter,
): SelectText {
  const alias = emitter.freshName('s')
  const list = inner.columns.map(({ expression, sqlName }, index) => {
    const value = derived(expression, `${alias}.${sqlName}`)
    const column = store[index]
    const sql = column === undefined ? value.sql : emitter.storeTyped(value, column, offset)
    return `${sql} AS ${sqlName}`
  })
  return { ...inner, sql: `SELECT ${list.join(', ')} FROM (${inner.sql}) AS ${alias}` }
}
