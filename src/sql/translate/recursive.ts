import type { CommonTableExpr, FromClause, OneSelect, Select } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { combined, emitOne } from './compound.ts'
import { castNames, unify } from './convert.ts'
import type { EmittedColumn, SelectText, Emitter, SelectOptions } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { checkRecursiveArm } from './recursive-arm.ts'
import { createScope, type CommonTable, type Scope } from './scope.ts'
import { derived } from './sources.ts'

/** An arm behind the first one reads the table itself. */
export function isRecursive({ tblName, select }: CommonTableExpr): boolean {
  return (select.compounds ?? []).some((arm) => mentions(arm.select, tblName.text))
}

function mentions(select: OneSelect, name: string): boolean {
  return select.type === 'SelectFrom' && count(select.from, foldName(name)) > 0
}

function count(from: FromClause | undefined, name: string): number {
  const terms = [from?.select, ...(from?.joins ?? []).map(({ table }) => table)]
  return terms.reduce((sum, term) => {
    if (term?.type === 'SubSelectTable') return sum + count(term.from, name)
    if (term?.type === 'SelectSelectTable') return sum + countInSelect(term.select, name)
    const isSelf = term?.type === 'TableSelectTable' && foldName(term.tblName.objName.text) === name
    return sum + (isSelf ? 1 : 0)
  }, 0)
}

function countInSelect({ select, compounds }: Select, name: string): number {
  const parts = [select, ...(compounds ?? []).map((each) => each.select)]
  return parts.reduce(
    (sum, part) => sum + (part.type === 'SelectFrom' ? count(part.from, name) : 0),
    0,
  )
}

interface Recursion {
  readonly sql: string
  readonly columns: readonly EmittedColumn[]
}

/** https://www.sqlite.org/lang_with.html#recursive_common_table_expressions */
export function recursiveTable(
  cte: CommonTableExpr,
  sqlName: string,
  scope: Scope,
  emitter: Emitter,
): Recursion {
  const { select, tblName } = cte
  const compounds = select.compounds ?? []
  const start = compounds.findIndex((arm) => mentions(arm.select, tblName.text))
  const { recursive, union } = checked(cte, start, emitter)
  const inner = emitter.with(select.with, scope)
  const base = createScope(inner.scope)
  const initial = initialArms(select, start, base, emitter)
  const limit = rowLimit(select, recursive, emitter)
  const counter = limit === null ? null : { sqlName: emitter.freshName('n'), limit }
  let columns = named(cte, combined(initial), emitter)
  // What the recursive arm gives may widen a column's class, which may widen what it gives.
  for (let round = 0; round < 4; round += 1) {
    const table = selfTable(tblName.text, sqlName, columns)
    const inside = { ...base, commonTables: [table] }
    const arm = emitOne(recursive, inside, emitter, counter === null ? {} : { counter })
    const wider = widened(columns, arm, select, emitter)
    if (
      wider.every((column, index) => column.expression.type === columns[index]?.expression.type)
    ) {
      return finish(
        { columns, initial, arm, union, counter, sqlName, with: inner.sql },
        cte,
        emitter,
      )
    }
    columns = wider
  }
  throw emitter.unsupported('This recursion', select.span.offset, 'Cast its columns to one type')
}

function checked(
  { select, tblName }: CommonTableExpr,
  start: number,
  emitter: Emitter,
): { readonly recursive: OneSelect; readonly union: string } {
  const compounds = select.compounds ?? []
  const arm = compounds[start]
  const { offset } = select.span
  if (arm === undefined || start !== compounds.length - 1) {
    throw emitter.unsupported('Several recursive arms', offset, 'Join them into one')
  }
  if (arm.operator !== 'Union' && arm.operator !== 'UnionAll') {
    throw emitter.wrong('circular reference', offset)
  }
  if (arm.select.type === 'SelectFrom') {
    const name = foldName(tblName.text)
    checkRecursiveArm(arm.select, name, count(arm.select.from, name), emitter)
  }
  if (arm.select.type === 'SelectFrom' && arm.select.distinctness === 'Distinct') {
    throw emitter.unsupported(
      'DISTINCT in the recursive arm, which SQLite runs for one row at a time',
      offset,
      'Say UNION instead of UNION ALL, or DISTINCT where the table is read',
    )
  }
  if (select.orderBy !== undefined) {
    throw emitter.unsupported(
      'ORDER BY in a recursive table, which decides what is taken from the queue first',
      offset,
      'Sort the rows where the table is read',
    )
  }
  return { recursive: arm.select, union: arm.operator === 'Union' ? 'UNION' : 'UNION ALL' }
}

function initialArms(
  select: Select,
  start: number,
  scope: Scope,
  emitter: Emitter,
): readonly SelectText[] {
  const others = (select.compounds ?? []).slice(0, start)
  if (others.some(({ operator }) => operator !== 'UnionAll')) {
    const head: Select = { ...select, with: undefined, compounds: others, limit: undefined }
    return [emitter.select(head, scope)]
  }
  return [select.select, ...others.map((each) => each.select)].map((each) =>
    emitOne(each, scope, emitter),
  )
}

/**
 * LIMIT inside stops the recursion. Rows can be counted where each gives at most one: from a single first row,
 * reading nothing but the table itself. Then the n-th row is the n-th step.
 */
function rowLimit(select: Select, recursive: OneSelect, emitter: Emitter): string | null {
  const { limit } = select
  if (limit === undefined) return null
  const text = emitter.limit({ ...limit, offset: undefined }, null).replace(' LIMIT ', '')
  if (text === '') return null
  const first = select.select
  const oneFirst =
    select.compounds?.length === 1 &&
    (first.type === 'SelectValues' ? first.values.length === 1 : !first.from)
  const isLinear =
    recursive.type === 'SelectFrom' &&
    recursive.from?.joins === undefined &&
    recursive.from?.select?.type === 'TableSelectTable'
  if (oneFirst && isLinear && limit.offset === undefined) {
    return `coalesce(${text}, 9223372036854775807)`
  }
  throw emitter.unsupported(
    'LIMIT in a recursive table whose rows can have several successors',
    limit.span.offset,
    'Put the LIMIT where the table is read',
  )
}

function named(
  cte: CommonTableExpr,
  columns: readonly EmittedColumn[],
  emitter: Emitter,
): readonly EmittedColumn[] {
  if (cte.columns === undefined) return columns
  if (cte.columns.length !== columns.length) {
    const message = `table ${cte.tblName.text} has ${columns.length} values for ${cte.columns.length} columns`
    throw emitter.wrong(message, cte.tblName.span.offset)
  }
  return columns.map((column, index) => ({
    ...column,
    name: cte.columns?.[index]?.colName.text ?? column.name,
  }))
}

/** The table as its own arm reads it: its columns have no affinity there. */
function selfTable(name: string, sqlName: string, columns: readonly EmittedColumn[]): CommonTable {
  return {
    name,
    sqlName,
    columns: columns.map((column) => ({
      name: column.name,
      expression: {
        ...column.expression,
        sql: column.sqlName,
        affinity: 'none',
        notNull: false,
      },
    })),
  }
}

function widened(
  columns: readonly EmittedColumn[],
  arm: SelectText,
  select: Select,
  emitter: Emitter,
): readonly EmittedColumn[] {
  if (arm.columns.length !== columns.length) {
    const words = 'SELECTs to the left and right of UNION ALL do not have the same number'
    throw emitter.wrong(`${words} of result columns`, select.span.offset)
  }
  return columns.map((column, index) => {
    const own = arm.columns[index]?.expression as TypedExpression
    const values = [column.expression, own].map((each) => ({ ...each, literal: undefined }))
    return { ...column, expression: { ...column.expression, type: unify(values).type } }
  })
}

interface Parts extends Omit<Recursion, 'sql'> {
  readonly initial: readonly SelectText[]
  readonly arm: SelectText
  readonly union: string
  readonly counter: NonNullable<SelectOptions['counter']> | null
  readonly sqlName: string
  readonly with: string
}

function finish(parts: Parts, cte: CommonTableExpr, emitter: Emitter): Recursion {
  const { initial, arm, columns, sqlName, union, counter } = parts
  const strange = columns.some(({ expression }, index) => {
    const own = arm.columns[index]?.expression ?? expression
    const { collation } = expression.collationFrom === 'none' ? own : expression
    return expression.type === 'dynamic' || collation !== 'BINARY'
  })
  if (union === 'UNION' && strange) {
    throw emitter.unsupported(
      'A recursive UNION over values of several classes or another collation than BINARY',
      cte.tblName.span.offset,
      'Cast the columns to one type',
    )
  }
  const names = columns.map((column) => column.sqlName)
  const first = initial.map((each) => exact(each, columns, counter && ', 1::bigint', emitter))
  const start = first.length > 1 ? `(${first.join(' UNION ALL ')})` : (first[0] ?? '')
  const held = counter === null ? '' : ` WHERE 1 <= ${counter.limit}`
  const next = exact(arm, columns, counter && `, ${counter.sqlName}`, emitter)
  const list = counter === null ? names : [...names, counter.sqlName]
  const body = `${start}${held} ${union} ${next}`
  return { sql: `${sqlName} (${list.join(', ')}) AS (${parts.with}${body})`, columns }
}

/** Both terms must have PostgreSQL's very types and collations. */
function exact(
  select: SelectText,
  columns: readonly EmittedColumn[],
  more: string | null,
  emitter: Emitter,
): string {
  const alias = emitter.freshName('r')
  const list = select.columns.map(({ expression, sqlName }, index) => {
    const { type } = (columns[index] as EmittedColumn).expression
    const value = derived(expression, `${alias}.${sqlName}`)
    const sql = value.type === type || value.type === 'null' ? value.sql : dynamic(value)
    return type === 'text' || type === 'null'
      ? `(${sql})::text COLLATE "C"`
      : `(${sql})::${castNames[type]}`
  })
  return `SELECT ${list.join(', ')}${more ?? ''} FROM (${select.sql}) AS ${alias}`
}

function dynamic(value: TypedExpression): string {
  return unify([value, typed('NULL::json', 'dynamic')]).sql[0] as string
}
