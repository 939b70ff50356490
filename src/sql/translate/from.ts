import type { Expr, FromClause, JoinedSelectTable, SelectTable } from 'sqlite3-parser'
import { foldName, quoteName } from '../quote.ts'
import { distinctNames } from './distinct-names.ts'
import type { EmittedFrom, Emitter, KeyedFrom } from './emitter.ts'
import { checkIndexed } from './indexed-by.ts'
import { joined, kindOf } from './joins.ts'
import { lateOn, withLateOns } from './late-on.ts'
import { readAsReal } from './real-affinity.ts'
import { asWritten } from './results.ts'
import { isSchemaTable, schemaTable } from './schema-table.ts'
import { createScope, type Scope, type Source } from './scope.ts'
import { tableShown } from './shown-table.ts'
import { aliasName, commonTable, derivedSource, relationSource } from './sources.ts'
import { tableFunction } from './table-functions.ts'

/** The terms of a FROM clause from left to right; commas and joins bind alike in SQLite. */
export function emitFrom(node: FromClause, parent: Scope | null, emitter: Emitter): EmittedFrom {
  if (node.select === undefined) return { sql: '', sources: [] }
  const joins = node.joins ?? []
  let from = term(node.select, [], parent, emitter, joins.length === 0)
  const late: Expr[] = []
  for (const [index, join] of joins.entries()) {
    const right = term(join.table, from.sources, parent, emitter)
    const mayBeLate = index < joins.length - 1 && !isOuter(join) && !joins.some(isRight)
    const on = mayBeLate ? lateOn(join, [...from.sources, ...right.sources], emitter) : undefined
    if (on !== undefined) late.push(on)
    const own = on === undefined ? join : { ...join, constraint: undefined }
    from = joined(from, right, own, parent, emitter)
  }
  if (from.sources.length > 64) {
    throw emitter.wrong('at most 64 tables in a join', node.span.offset)
  }
  return withLateOns(from, late, parent, emitter)
}

function isRight(join: JoinedSelectTable): boolean {
  return kindOf(join).isRight
}

function isOuter(join: JoinedSelectTable): boolean {
  return kindOf(join).isLeft || isRight(join)
}

function term(
  node: SelectTable,
  siblings: readonly Source[],
  parent: Scope | null,
  emitter: Emitter,
  isAlone = false,
): EmittedFrom {
  switch (node.type) {
    case 'TableSelectTable':
      return table(node, siblings, parent, emitter)
    case 'TableCallSelectTable': {
      const name = node.alias?.name.text ?? node.tblName.objName.text
      const sqlName = aliasName(name, siblings, parent, emitter)
      const scope = createScope(parent, { sources: siblings })
      return tableFunction(node, name, sqlName, scope, emitter)
    }
    case 'SelectSelectTable': {
      const placed = isAlone && tableShown(node.select, parent, emitter) !== undefined
      const select = readAsReal(emitter.select(node.select, parent, { placed }), emitter)
      const name = node.alias?.name.text ?? null
      const sqlName = aliasName(name, siblings, parent, emitter)
      const own = derivedSource(name, sqlName, asWritten(select.columns))
      const { place } = select
      const source = place === undefined ? own : { ...own, place: `${sqlName}.${place}` }
      const sql = `(${select.sql}) AS ${sqlName}`
      return { sql, sources: [source], keyed: numbered(sql, sqlName, emitter) }
    }
    case 'SubSelectTable': {
      if (node.alias !== undefined) {
        throw emitter.unsupported(
          'An alias of joined tables in parentheses',
          node.span.offset,
          'Write a subquery with SELECT',
        )
      }
      const inner = createScope(parent, { sources: siblings })
      const own = emitFrom(node.from, inner, emitter)
      const from = siblings.length === 0 ? own : withShownNames(own)
      if (node.from.joins === undefined) return from
      const { keyed } = from
      return {
        ...from,
        sql: `(${from.sql})`,
        ...(keyed && { keyed: { ...keyed, sql: `(${keyed.sql})` } }),
      }
    }
    default:
      return node satisfies never
  }
}

/** SQLite reads them as a subquery, whose columns have different names. */
function withShownNames(from: EmittedFrom): EmittedFrom {
  const shown = from.sources.flatMap((source) =>
    source.columns.filter(({ name }) => !source.merged.has(foldName(name))),
  )
  const names = distinctNames(shown.map(({ name }) => name))
  const byColumn = new Map(shown.map((column, index) => [column, names[index]]))
  const sources = from.sources.map((source) => ({
    ...source,
    columns: source.columns.map((column) => ({
      ...column,
      shown: byColumn.get(column) ?? column.name,
    })),
  }))
  return { ...from, sources }
}

function table(
  node: Extract<SelectTable, { type: 'TableSelectTable' }>,
  siblings: readonly Source[],
  parent: Scope | null,
  emitter: Emitter,
): EmittedFrom {
  const name = node.alias?.name.text ?? node.tblName.objName.text
  const sqlName = aliasName(name, siblings, parent, emitter)
  const common = commonTable(node.tblName, parent)
  if (common?.isOpen === true) {
    throw emitter.wrong(`circular reference: ${common.name}`, node.span.offset)
  }
  if (common !== undefined) {
    const columns = common.columns.map((column) => ({
      name: column.name,
      sqlName: column.expression.sql,
      expression: column.expression,
    }))
    const source = derivedSource(name, sqlName, columns)
    const sql = aliased(common.sqlName, sqlName)
    return { sql, sources: [source], keyed: numbered(sql, sqlName, emitter) }
  }
  const schemaName = node.tblName.dbName?.text ?? 'main'
  if (isSchemaTable(node.tblName.objName.text) && foldName(schemaName) === 'main') {
    const rows = schemaTable(emitter.catalog, name, sqlName)
    if (rows !== undefined) return { sql: rows.sql, sources: [rows.source] }
  }
  const relation = emitter.relation(node.tblName)
  checkIndexed(node.indexed, relation, emitter)
  const source = relationSource(relation, name, sqlName)
  const { postgresSchema } = emitter.catalog
  const own = quoteName(relation.postgresName)
  const qualified = postgresSchema === undefined ? own : `${quoteName(postgresSchema)}.${own}`
  const sql = aliased(qualified, sqlName)
  const keyed =
    relation.kind === 'table'
      ? { sql, keys: [`coalesce(${sqlName}.ctid, '(0,0)')`] }
      : numbered(sql, sqlName, emitter)
  return { sql, sources: [source], keyed }
}

/** Rows that have nothing to tell them apart get numbers. */
function numbered(sql: string, sqlName: string, emitter: Emitter): KeyedFrom {
  const number = emitter.freshName('number')
  return {
    sql: `(SELECT row_number() OVER () AS ${number}, * FROM ${sql}) AS ${sqlName}`,
    keys: [`coalesce(${sqlName}.${number}, 0)`],
  }
}

function aliased(table: string, sqlName: string): string {
  return table === sqlName ? table : `${table} AS ${sqlName}`
}
