import type { Expr, SetAssignment } from 'sqlite3-parser'
import type { RelationColumn } from '../catalog.ts'
import { foldName, quoteName } from '../quote.ts'
import { toDynamic } from './convert.ts'
import { asValue } from './expression.ts'
import type { Emitter } from './emitter.ts'
import { nullnessOf } from './insert-rows.ts'
import { unknownColumn } from './rowid-names.ts'
import type { Scope } from './scope.ts'
import { unwrap } from './syntax.ts'
import { columnNamed, isRowid, type Target } from './target.ts'

/** A column and the value that SET gives it, stored. */
export interface Assignment {
  readonly column: RelationColumn
  readonly node: Expr
  readonly sql: string
  /** The same for looking at: a rowid that is none has not failed there yet. */
  readonly seen: string
  /** The value is one of several that one subquery gives. */
  readonly isOfRow: boolean
}

export interface Assignments {
  readonly assigned: readonly Assignment[]
  /** What stands behind SET. */
  readonly sql: string
}

/** Of a column that is assigned more than once, SQLite takes the last value. */
export function assignments(
  sets: readonly SetAssignment[],
  target: Target,
  scope: Scope,
  emitter: Emitter,
): Assignments {
  const single: Assignment[] = []
  const rows: { readonly columns: readonly RelationColumn[]; readonly sql: string }[] = []
  for (const { colNames, expr } of sets) {
    const columns = colNames.map(({ text, span }) => settable(text, span.offset, target, emitter))
    const values = valuesOf(expr, columns.length)
    if (values === undefined) {
      if (columns.length === 1) throw emitter.wrong('row value misused', expr.span.offset)
      const { sql, parts } = subqueryRow(expr, columns, scope, emitter)
      rows.push({ columns, sql })
      columns.forEach((column, index) => {
        const part = parts[index] as string
        single.push({ column, node: expr, sql: part, seen: part, isOfRow: true })
      })
      continue
    }
    checkCount(values.length, columns.length, expr, emitter)
    columns.forEach((column, index) => {
      const node = values[index] as Expr
      const stored = emitter.store(node, column, scope)
      const sql = storedIn(node, stored, column, target, emitter)
      const seen = isRowid(target.relation, column)
        ? seenRowid(node, stored, scope, emitter)
        : stored
      single.push({ column, node, sql, seen, isOfRow: false })
    })
  }
  const last = new Map(single.map((each) => [foldName(each.column.name), each]))
  if (last.size < single.length && rows.length > 0) {
    const { offset } = (sets[0] as SetAssignment).span
    throw emitter.unsupported('Assigning a column twice', offset, 'Assign each column once')
  }
  const assigned = [...last.values()]
  const texts = assigned.flatMap(({ column, sql, isOfRow }) =>
    isOfRow ? [] : `${quoteName(column.postgresName)} = ${sql}`,
  )
  const lists = rows.map(({ columns, sql }) => `(${namesOf(columns)}) = ${sql}`)
  return { assigned, sql: [...texts, ...lists].join(', ') }
}

/** The rowid alone can never be NULL, whatever is said of its column. */
function storedIn(
  node: Expr,
  sql: string,
  column: RelationColumn,
  { relation }: Target,
  emitter: Emitter,
): string {
  if (!isRowid(relation, column)) return sql
  return nullnessOf(node, emitter) === 'never' ? sql : `sqlite.rowid(${sql})`
}

/** NULL where it is none, as a row before it may fail first. */
function seenRowid(node: Expr, stored: string, scope: Scope, emitter: Emitter): string {
  if (emitter.parameterOf(node) !== undefined) return stored
  const value = asValue(emitter.value(node, scope))
  if (value.type === 'integer' || value.type === 'null' || value.literal !== undefined)
    return stored
  return `sqlite.seen_rowid(${toDynamic(value)})`
}

function namesOf(columns: readonly RelationColumn[]): string {
  return columns.map(({ postgresName }) => quoteName(postgresName)).join(', ')
}

function settable(
  name: string,
  offset: number,
  { relation }: Target,
  emitter: Emitter,
): RelationColumn {
  const column = columnNamed(relation, name)
  if (column?.generated === true)
    throw emitter.wrong(`cannot UPDATE generated column "${column.name}"`, offset)
  if (column !== undefined) return column
  throw unknownColumn(name, relation, `no such column: ${name}`, offset, emitter)
}

/** The values of a list in parentheses, or the only one; undefined for a subquery that gives a row. */
function valuesOf(node: Expr, count: number): readonly Expr[] | undefined {
  const inner = unwrap(node)
  if (inner.type === 'ParenthesizedExpr' && inner.exprs.length > 1) {
    return count === 1 ? undefined : inner.exprs
  }
  return count > 1 && inner.type === 'SubqueryExpr' ? undefined : [node]
}

function checkCount(values: number, columns: number, node: Expr, emitter: Emitter): void {
  if (values === columns) return
  throw emitter.wrong(`${columns} columns assigned ${values} values`, node.span.offset)
}

/** SQLite takes the first row that a subquery gives, and NULLs where it gives none. */
function subqueryRow(
  node: Expr,
  columns: readonly RelationColumn[],
  scope: Scope,
  emitter: Emitter,
): { readonly sql: string; readonly parts: readonly string[] } {
  const inner = unwrap(node)
  if (inner.type !== 'SubqueryExpr') throw emitter.wrong('row value misused', node.span.offset)
  const query = emitter.select(inner.select, scope, { store: columns })
  checkCount(query.columns.length, columns.length, node, emitter)
  const alias = emitter.freshName('row')
  const first = (list: string): string => `(SELECT ${list} FROM (${query.sql}) AS ${alias} LIMIT 1)`
  const names = query.columns.map(({ sqlName }) => `${alias}.${sqlName}`)
  return { sql: first(names.join(', ')), parts: names.map(first) }
}
