import type { TableCallSelectTable } from 'sqlite3-parser'
import { foldName, quoteName } from '../quote.ts'
import { toText } from './convert.ts'
import type { EmittedFrom, Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { listedNames, listedRows, type ListedColumn } from './listed-rows.ts'
import type { Scope } from './scope.ts'
import { derivedSource } from './sources.ts'

/** Of the PRAGMAs that describe one table or index; texts are marked. https://www.sqlite.org/pragma.html#pragfunc */
const COLUMNS: Readonly<Record<string, string>> = {
  pragma_table_info: 'cid name:text type:text notnull dflt_value:text pk',
  pragma_table_xinfo: 'cid name:text type:text notnull dflt_value:text pk hidden',
  pragma_index_list: 'seq name:text unique origin:text partial',
  pragma_index_info: 'seqno cid name:text',
  pragma_index_xinfo: 'seqno cid name:text desc coll:text key',
  pragma_foreign_key_list:
    'id seq table:text from:text to:text on_update:text on_delete:text match:text',
}

/**
 * A table-valued PRAGMA in FROM, beside tables of the application, as a list of rows out of the catalog. Its argument
 * may be a column of the tables to its left. The columns `arg` and `schema` are hidden and not offered.
 */
export function pragmaTable(
  node: TableCallSelectTable,
  name: string,
  sqlName: string,
  scope: Scope,
  emitter: Emitter,
): EmittedFrom {
  const called = foldName(node.tblName.objName.text)
  const columns = columnsOf(called)
  const known = columns === null ? undefined : emitter.catalog.pragmaRows?.(called)
  const [argument, schema] = node.args ?? []
  if (columns === null || known === undefined || argument === undefined || schema !== undefined) {
    const wayOut = 'Ask the PRAGMA itself, which the SQLite file answers'
    throw emitter.unsupported(`${called}()`, node.span.offset, wayOut)
  }
  const sql = rowsFor(emitter.value(argument, scope), columns, known)
  const source = derivedSource(
    name,
    sqlName,
    columns.map((column) => {
      const sql = quoteName(column.name)
      const more = { affinity: 'blob', collationFrom: 'column' } as const
      return { name: column.name, sqlName: sql, expression: typed(sql, column.type, more) }
    }),
  )
  return { sql: `LATERAL (${sql}) AS ${sqlName} ${listedNames(columns)}`, sources: [source] }
}

function columnsOf(called: string): readonly ListedColumn[] | null {
  const text = COLUMNS[called]
  if (text === undefined) return null
  return text.split(' ').map((column) => {
    const [name = '', type] = column.split(':')
    return { name, type: type === 'text' ? 'text' : 'integer' }
  })
}

type Known = NonNullable<ReturnType<NonNullable<Emitter['catalog']['pragmaRows']>>>

/** Names are found whatever the case of their letters is. */
function rowsFor(
  argument: TypedExpression,
  columns: readonly ListedColumn[],
  known: Known,
): string {
  const { literal } = argument
  if (typeof literal === 'string') {
    const own = known.filter((row) => row.of === foldName(literal))
    return listedRows(
      columns,
      own.map(({ values }) => values),
    )
  }
  const of: ListedColumn = { name: 'lockstep_of', type: 'text' }
  const all = [of, ...columns]
  const rows = listedRows(
    all,
    known.map(({ of, values }) => [of, ...values]),
  )
  const list = columns.map(({ name }) => quoteName(name)).join(', ')
  const wanted = `lower(${toText(argument)} COLLATE "C")`
  return `SELECT ${list} FROM (${rows}) AS listed ${listedNames(all)} WHERE "lockstep_of" = ${wanted}`
}
