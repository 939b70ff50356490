import type { TableCallSelectTable } from 'sqlite3-parser'
import { foldName, quoteName } from '../quote.ts'
import { toText } from './convert.ts'
import type { EmittedFrom, Emitter } from './emitter.ts'
import { isColumnText, nodeOf } from '../functions/json-node.ts'
import { typed, type SqlType, type TypedExpression } from './expression.ts'
import { withLateLiterals } from './late-literals.ts'
import { pragmaTable } from './pragma-table.ts'
import type { LeanFrom, Scope, Source, SourceColumn } from './scope.ts'
import { derivedSource } from './sources.ts'

/** https://www.sqlite.org/json1.html#jeach */
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
  const given = (node.args ?? []).map((arg) => emitter.value(arg, scope))
  const values = withLateLiterals(called, given)
  if (values.length > 2) throw emitter.wrong(`too many arguments on ${called}() - max 2`, offset)
  const columns = JSON_COLUMNS.map(([column, type]) => ({
    name: column,
    sqlName: quoteName(column),
    // SQLite declares them without a type, so that nothing that they meet is converted.
    expression: typed(quoteName(column), type, { affinity: 'blob' }),
  }))
  const list = columns.map((column) => column.sqlName).join(', ')
  const args = values.length === 0 ? 'NULL::text' : values.map(toText).join(', ')
  const source = { ...derivedSource(name, sqlName, columns), ...hiddenColumns(values) }
  if (called === 'json_tree') {
    const sql = `LATERAL sqlite.json_tree(${args}) AS ${sqlName}(${list})`
    return { sql, sources: [withSubtype(source)] }
  }
  const sql = `LATERAL sqlite.json_elements(${args}) AS ${sqlName}(${list}, "node")`
  const elements = jsonElements(values, sqlName)
  const lean = elements === undefined ? {} : { lean: leanElements(elements, sql, sqlName) }
  return { sql, sources: [{ ...ofNodes(source), ...lean }] }
}

/** `json` and `root`, which are the arguments. */
function hiddenColumns(values: readonly TypedExpression[]): Pick<Source, 'hidden'> {
  const [document, root] = values
  if (document === undefined || document.type === 'blob') return {}
  const path = root === undefined ? `'$'::text` : toText(root)
  return { hidden: [hiddenColumn('json', toText(document)), hiddenColumn('root', path)] }
}

function hiddenColumn(name: string, sql: string): SourceColumn {
  return { name, expression: typed(sql, 'text', { affinity: 'blob' }) }
}

/** What needs the node alone. */
const ofNode: Readonly<Record<string, (node: string) => string>> = {
  value: (node) =>
    `(CASE json_typeof(${node}) WHEN 'string' THEN ${node} ELSE sqlite.json_value(${node}) END)`,
  type: (node) => `sqlite.json_kind(${node})`,
  atom: (node) =>
    `(CASE json_typeof(${node}) WHEN 'string' THEN ${node} WHEN 'array' THEN NULL WHEN 'object' THEN NULL ELSE sqlite.json_value(${node}) END)`,
}

function ofNodes(source: Source): Source {
  const node = `${source.sqlName}."node"`
  const columns = source.columns.map((column) => {
    const sql = ofNode[column.name]?.(node)
    if (sql === undefined) return column
    const expression = { ...column.expression, sql }
    if (column.name !== 'value') return { ...column, expression }
    const embedded = `sqlite.json_embed(${node})`
    const shown = { sql: node, decoder: 'node', of: sql } as const
    const facts = { embedded, subtypeOfColumn: true, shown } as const
    return { ...column, expression: { ...expression, ...facts } }
  })
  return { ...source, columns }
}

/** The array of the elements, where it is made in few words of arguments that take no time. */
function jsonElements(
  [document, root, ...none]: readonly TypedExpression[],
  sqlName: string,
): string | undefined {
  if (document?.type !== 'text' || none.length > 0 || document.sql.includes(`${sqlName}.`)) {
    return undefined
  }
  if (root === undefined) {
    const { sql } = document
    if (!document.constant && !isColumnText(sql)) return undefined
    return `coalesce((CASE WHEN sqlite.json_list_sure(${sql}) THEN ${sql} END)::json, sqlite.json_values(${sql}, '$'))`
  }
  const path = typeof root.literal === 'string' ? root.literal : null
  const node = nodeOf(document, path)?.sql
  if (node === undefined) return undefined
  const other = `sqlite.json_values(${document.sql}, ${root.sql})`
  return `CASE json_typeof(${node}) WHEN 'array' THEN ${node} ELSE CASE WHEN ${node} IS NOT NULL THEN ${other} END END`
}

function leanElements(elements: string, whole: string, sqlName: string): LeanFrom {
  const lacking = JSON_COLUMNS.filter(([column]) => ofNode[column] === undefined)
  return {
    whole,
    lean: `LATERAL json_array_elements(${elements}) AS ${sqlName}("node")`,
    lacks: lacking.map(([column]) => `${sqlName}.${quoteName(column)}`),
  }
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
