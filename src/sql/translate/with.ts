import { distinctNames } from './distinct-names.ts'
import type { CommonTableExpr, With } from 'sqlite3-parser'
import { foldName, MAX_NAME_BYTES, quoteName } from '../quote.ts'
import type { EmittedColumn, EmittedSelect, Emitter } from './emitter.ts'
import { readAsReal } from './real-affinity.ts'
import { inReadingOrder } from './reading-order.ts'
import { isRecursive, recursiveTable } from './recursive.ts'
import { asWritten } from './results.ts'
import { createScope, type CommonTable, type Scope } from './scope.ts'
import { tablesNamedIn } from './syntax.ts'

const HINTS = { Any: '', Yes: 'MATERIALIZED ', No: 'NOT MATERIALIZED ' } as const

/**
 * `WITH ...` and a blank. RECURSIVE is optional in SQLite, and allowed where nothing recurses. A table may read
 * one that comes later, which PostgreSQL wants before it.
 * @param ordered the folded names of those whose rows are to come as SQLite reads them
 */
export function emitWith(
  node: With | undefined,
  parent: Scope | null,
  emitter: Emitter,
  ordered: ReadonlySet<string> = new Set(),
): { readonly sql: string; readonly scope: Scope | null } {
  if (node === undefined || node.ctes.length === 0) return { sql: '', scope: parent }
  let scope = createScope(parent)
  const texts: string[] = []
  let recursive = false
  for (const { cte, open } of inOrderOfUse(node.ctes, emitter)) {
    const inner =
      open.length === 0 ? scope : { ...scope, commonTables: [...open, ...scope.commonTables] }
    const { text, table, recurses } = commonTable(cte, inner, emitter, ordered)
    recursive ||= recurses
    texts.push(text)
    scope = { ...scope, commonTables: [...scope.commonTables, table] }
  }
  return { sql: `WITH ${recursive ? 'RECURSIVE ' : ''}${texts.join(', ')} `, scope }
}

interface Placed {
  readonly cte: CommonTableExpr
  /** Those that lead to it, which it cannot read without going round in a circle. */
  readonly open: readonly CommonTable[]
}

/** Each behind those whose names it mentions. */
function inOrderOfUse(ctes: readonly CommonTableExpr[], { sql }: Emitter): readonly Placed[] {
  const known = new Map<string, number>()
  ctes.forEach(({ tblName }, index) => known.set(foldName(tblName.text), index))
  const allPlain = [...known.keys()].every((name) => plainName.test(name))
  const placed: Placed[] = []
  const begun = new Set<CommonTableExpr>()
  const place = (cte: CommonTableExpr, open: readonly CommonTable[]): void => {
    if (begun.has(cte)) return
    begun.add(cte)
    // A walk through nested queries is long, and mostly there is nothing to be found.
    const mayName = known.size > 1 && (!allPlain || mentionsOther(cte, known, sql))
    const names = mayName ? [...tablesNamedIn(cte.select)] : []
    const others = names.flatMap((name) => known.get(name) ?? [])
    const opened = others.length === 0 ? open : [...open, openTable(cte.tblName.text)]
    for (const index of others.toSorted((one, other) => one - other)) {
      place(ctes[index] as CommonTableExpr, opened)
    }
    placed.push({ cte, open })
  }
  for (const cte of ctes) place(cte, [])
  return placed
}

/** What a name is made of that needs no quotes. */
const plainName = /^[\w$\u0080-\uffff]+$/
const plainNames = /[\w$\u0080-\uffff]+/g

/** Its text has the name of another in it, as a name or otherwise. */
function mentionsOther(
  { span: { offset, length }, tblName }: CommonTableExpr,
  known: ReadonlyMap<string, number>,
  sql: string,
): boolean {
  const own = foldName(tblName.text)
  const words = foldName(sql.slice(offset, offset + length)).match(plainNames) ?? []
  return words.some((word) => word !== own && known.has(word))
}

function openTable(name: string): CommonTable {
  return { name, sqlName: quoteName(name), columns: [], isOpen: true }
}

function commonTable(
  cte: CommonTableExpr,
  scope: Scope,
  emitter: Emitter,
  ordered: ReadonlySet<string>,
): { readonly text: string; readonly table: CommonTable; readonly recurses: boolean } {
  const name = cte.tblName.text
  const sqlName = tableName(name, scope, emitter)
  if (isRecursive(cte)) {
    const { sql, columns } = recursiveTable(cte, sqlName, scope, emitter)
    return { text: sql, table: tableOf(name, sqlName, columns), recurses: true }
  }
  const inner = createScope(scope, { commonTables: [openTable(name)] })
  const isOrdered = ordered.has(foldName(name))
  const node = isOrdered ? inReadingOrder(cte.select, inner, emitter) : cte.select
  const select = readAsReal(emitter.select(node, inner), emitter)
  const columns = renamed(cte, { columns: asWritten(select.columns) }, emitter)
  const list = columns.map((column) => column.sqlName).join(', ')
  const shown = cte.materialized === 'Yes' ? columns.map(run) : columns
  const text = `${sqlName} (${list}) AS ${HINTS[cte.materialized]}(${select.sql})`
  return { text, table: tableOf(name, sqlName, shown), recurses: false }
}

/** A table that SQLite makes before it reads it has no rows of others. */
function run(column: EmittedColumn): EmittedColumn {
  const { ofNoRow: _, ...expression } = column.expression
  return { ...column, expression }
}

/** A name that no table has, as PostgreSQL would take this one for that where SQLite means the table. */
function tableName(name: string, scope: Scope, emitter: Emitter): string {
  let taken =
    Buffer.byteLength(name) > MAX_NAME_BYTES || emitter.catalog.relation(name) !== undefined
  const quoted = quoteName(name)
  for (let each: Scope | null = scope; each !== null; each = each.parent) {
    taken ||= each.commonTables.some(({ sqlName, isOpen }) => isOpen !== true && sqlName === quoted)
  }
  return taken ? emitter.freshName('cte') : quoted
}

/** The columns under the names that the WITH clause gives them, or their own. */
export function renamed(
  cte: Pick<CommonTableExpr, 'columns' | 'tblName'>,
  select: Pick<EmittedSelect, 'columns'>,
  emitter: Emitter,
): readonly EmittedColumn[] {
  const { columns, tblName } = cte
  if (columns !== undefined && columns.length !== select.columns.length) {
    const message = `table ${tblName.text} has ${select.columns.length} values for ${columns.length} columns`
    throw emitter.wrong(message, tblName.span.offset)
  }
  const own = distinctNames(select.columns.map(({ name }) => name))
  return select.columns.map((column, index) => {
    const name = columns?.[index]?.colName.text ?? own[index] ?? column.name
    return { ...column, name }
  })
}

export function tableOf(
  name: string,
  sqlName: string,
  columns: readonly EmittedColumn[],
): CommonTable {
  return {
    name,
    sqlName,
    columns: columns.map((column) => ({
      name: column.name,
      expression: {
        ...column.expression,
        sql: column.sqlName,
        literal: undefined,
        constant: false,
      },
    })),
  }
}
