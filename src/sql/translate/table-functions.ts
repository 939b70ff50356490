import type { TableCallSelectTable } from 'sqlite3-parser'
import { foldName, quoteName } from '../quote.ts'
import { toText } from './convert.ts'
import type { EmittedFrom, Emitter } from './emitter.ts'
import { typed, type SqlType } from './expression.ts'
import { pragmaTable } from './pragma-table.ts'
import type { Scope, Source } from './scope.ts'
import { derivedSource } from './sources.ts'

/** https://www.sqlite.org/json1.html#jeach; `json` and `root` are hidden and not offered. */
const JSON_COLUMNS: readonly (readonly [string, SqlType])[] = [
  ['key', 'dynamic'],
  ['value', 'dynamic'],
  ['type', 'text'],
  ['atom', 'dynamic'],
  ['id', 'integer'],
  ['parent', 'integer'],
  ['fullkey', 'text'],
  ['path', 'text'],
]

/**
 * `json_each` and `json_tree` in FROM, which may take columns of the tables to their left. The functions of
 * the compatibility schema give these columns in this order, under any names.
 */
export function tableFunction(
  node: TableCallSelectTable,
  name: string,
  sqlName: string,
  scope: Scope,
  emitter: Emitter,
): EmittedFrom {
  const called = foldName(node.tblName.objName.text)
  const { offset } = node.span
  if (called !== 'json_each' && called !== 'json_tree') {
    if (called.startsWith('pragma_')) return pragmaTable(node, name, sqlName, scope, emitter)
    // A virtual table may be called as well, as those of FTS5 are.
    emitter.relation(node.tblName)
    throw emitter.wrong(`'${called}' is not a function`, offset)
  }
  const args = (node.args ?? []).map((arg) => toText(emitter.value(arg, scope)))
  if (args.length > 2) throw emitter.wrong(`too many arguments on ${called}() - max 2`, offset)
  if (args.length === 0) args.push('NULL::text')
  const columns = JSON_COLUMNS.map(([column, type]) => ({
    name: column,
    sqlName: quoteName(column),
    // SQLite declares them without a type, so that nothing that they meet is converted.
    expression: typed(quoteName(column), type, { affinity: 'blob' }),
  }))
  const list = columns.map((column) => column.sqlName).join(', ')
  const sql = `LATERAL sqlite.${called}(${args.join(', ')}) AS ${sqlName}(${list})`
  return { sql, sources: [withSubtype(derivedSource(name, sqlName, columns))] }
}

/** A value that is an array or an object is JSON. */
function withSubtype(source: Source): Source {
  const embedded = jsonOf(source.sqlName)
  const columns = source.columns.map((column) => {
    if (column.name !== 'value') return column
    const expression = { ...column.expression, embedded, subtypeOfColumn: true } as const
    return { ...column, expression }
  })
  return { ...source, columns }
}

function jsonOf(table: string): string {
  const value = `${table}."value"`
  const isDocument = `${table}."type" IN ('array', 'object')`
  return `(CASE WHEN ${isDocument} THEN sqlite.dynamic_text(${value}) ELSE sqlite.json_element(${value}) END)`
}
