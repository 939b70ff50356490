import type { DeleteStmt, Expr, InsertStmt, UpdateStmt } from 'sqlite3-parser'
import type { LockstepError } from '../core/errors.ts'
import type { ViewChange } from './ddl/instead-of.ts'
import { sqliteError } from './parser.ts'
import { foldName, quoteName } from './quote.ts'
import type { DescribedColumn } from './translate/describe.ts'
import { unsupported } from './translate/refuse.ts'
import type { View } from './views.ts'

/** One statement that writes a view. */
export interface ViewWrite {
  readonly sql: string
  readonly statement: InsertStmt | UpdateStmt | DeleteStmt
  readonly view: View
  readonly columns: readonly DescribedColumn[]
}

/** The rows that a statement is about, and where the columns of NEW and OLD are among the query's columns. */
export interface ViewRows {
  readonly query: string
  /** By the column's place in the view; undefined where NEW has NULL. */
  readonly old: readonly number[]
  readonly new: readonly (number | undefined)[]
  readonly change: ViewChange
}

/** As many values as columns, in SQLite's words. */
export function checkWidth(write: ViewWrite, given: number): void {
  const { statement, view, columns } = write
  if (statement.type !== 'InsertStmt' || statement.body.type !== 'SelectInsertBody') return
  const named = statement.columns?.length
  if (named !== undefined && named !== given)
    throw wrong(write, `${given} values for ${named} columns`)
  if (named !== undefined || given === columns.length) return
  const message = `table ${view.name} has ${columns.length} columns but ${given} values were supplied`
  throw wrong(write, message)
}

/** The query that gives the rows. */
export function rowsOf(write: ViewWrite): ViewRows {
  const { statement, view } = write
  switch (statement.type) {
    case 'InsertStmt':
      return insertedRows(write, statement)
    case 'UpdateStmt':
      return updatedRows(write, statement)
    default: {
      const query = `${commonOf(write)}SELECT * FROM ${quoteName(view.name)}${whereOf(write)}`
      const old = write.columns.map((_, index) => index)
      return { query, old, new: [], change: { event: 'DELETE', assigned: new Set() } }
    }
  }
}

function insertedRows(write: ViewWrite, { body, columns }: InsertStmt): ViewRows {
  const { view } = write
  const names = columns?.map(({ text }) => text)
  const places = names?.map((name) => {
    const place = placeOf(name, write)
    if (place >= 0) return place
    throw wrong(write, `table ${view.name} has no column named ${name}`)
  })
  if (new Set(places).size !== (places?.length ?? 0))
    throw unsupported(write.sql, 'A column that is named twice', 0, 'Name it once')
  const given = places ?? write.columns.map((_, index) => index)
  const change: ViewChange = { event: 'INSERT', assigned: new Set() }
  if (body.type === 'DefaultValuesInsertBody')
    return { query: 'SELECT NULL', old: [], new: [], change }
  const query = `${commonOf(write)}${textOf(write, body.select.span)}`
  const row = write.columns.map((_, place) => {
    const at = given.indexOf(place)
    return at < 0 ? undefined : at
  })
  return { query, old: [], new: row, change }
}

function updatedRows(write: ViewWrite, { sets }: UpdateStmt): ViewRows {
  const old = write.columns.map((_, index) => index)
  const changed: number[] = [...old]
  const assigned = new Set<string>()
  const values = sets
    .flatMap((set) => assignments(set, write))
    .map(({ name, expr }, index) => {
      const place = placeOf(name, write)
      if (place < 0) throw wrong(write, `no such column: ${name}`)
      assigned.add(foldName(name))
      changed[place] = old.length + index
      return `, (${textOf(write, expr.span)})`
    })
  const from = quoteName(write.view.name)
  const query = `${commonOf(write)}SELECT ${from}.*${values.join('')} FROM ${from}${whereOf(write)}`
  return { query, old, new: changed, change: { event: 'UPDATE', assigned } }
}

/** `(a, b) = (1, 2)` sets one column after the other. */
function assignments(
  { colNames, expr }: UpdateStmt['sets'][number],
  { sql }: ViewWrite,
): { readonly name: string; readonly expr: Expr }[] {
  const names = colNames.map(({ text }) => text)
  if (names.length === 1) return names.map((name) => ({ name, expr }))
  if (expr.type !== 'ParenthesizedExpr')
    throw unsupported(
      sql,
      'SET of several columns of a view to what a subquery gives',
      expr.span.offset,
      'Set one after the other',
    )
  const { exprs, span } = expr
  if (exprs.length !== names.length)
    throw sqliteError(sql, `${names.length} columns assigned ${exprs.length} values`, span.offset)
  return exprs.map((each, index) => ({ name: names[index] as string, expr: each }))
}

function placeOf(name: string, { columns }: ViewWrite): number {
  const folded = foldName(name)
  return columns.findIndex((column) => foldName(column.name) === folded)
}

/** The statement's own WITH, as it is. */
function commonOf({ statement, sql }: ViewWrite): string {
  const { with: common } = statement
  if (common === undefined) return ''
  const { offset, length } = common.span
  return `${sql.slice(offset, offset + length)} `
}

function whereOf(write: ViewWrite): string {
  const { statement } = write
  const where = 'whereClause' in statement ? statement.whereClause : undefined
  return where === undefined ? '' : ` WHERE ${textOf(write, where.span)}`
}

function textOf(
  { sql }: ViewWrite,
  { offset, length }: { offset: number; length: number },
): string {
  return sql.slice(offset, offset + length)
}

export function wrong({ sql, statement }: ViewWrite, message: string): LockstepError {
  return sqliteError(sql, message, statement.tblName.span.offset)
}
