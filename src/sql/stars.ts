import { LockstepError } from '../core/errors.ts'
import { cleanSql, parseStatements } from './parser.ts'
import { eachNode } from './tables.ts'
import type {
  AstNode,
  FromClause,
  Name,
  QualifiedName,
  ResultColumn,
  SelectTable,
} from 'sqlite3-parser'

/** A table that has one more column on PostgreSQL than on SQLite, which no `*` shows. */
export interface Narrow {
  /** The columns that SQLite has, quoted. */
  readonly columns: readonly string[]
  /** Those that an INSERT without column names gives values for. */
  readonly stored: readonly string[]
}

/** What is known of a table by the name that a statement has for it, or null. */
export type NarrowTables = (name: string) => Narrow | null

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** One table or subquery of a FROM, by what the statement calls it. */
interface Source {
  readonly reference: string | null
  readonly name: string | null
  readonly narrow: Narrow | null
}

/**
 * The statement with the column names in the place of each `*` that would show a hidden key on
 * PostgreSQL, and in each INSERT into such a table that names no columns. Everything else stays, to the
 * letter. Throws `SQL_UNSUPPORTED` where the columns of a `*` do not follow from their tables alone.
 */
export function nameColumns(sql: string, tables: NarrowTables): string {
  const text = cleanSql(sql)
  const [statement] = parseStatements(text)
  if (statement === undefined) return sql
  const edits: Edit[] = []
  eachNode(statement, (node, isNamed) => {
    const narrowOf = (name: QualifiedName): Narrow | null =>
      name.dbName === undefined && isNamed(name) ? null : tables(name.objName.text)
    if (node.type === 'SelectFrom')
      edits.push(
        ...selectEdits(text, node.columns, sourcesOf(text, node.from, narrowOf), node.from),
      )
    else edits.push(...changeEdits(text, node, tables))
  })
  let edited = text
  for (const { from, to, text: names } of edits.toSorted((a, b) => b.from - a.from))
    edited = edited.slice(0, from) + names + edited.slice(to)
  return edited
}

function selectEdits(
  sql: string,
  columns: readonly ResultColumn[],
  sources: readonly Source[],
  from: FromClause | undefined,
): Edit[] {
  const narrow = sources.find((source) => source.narrow !== null)
  if (narrow === undefined) return []
  return columns.flatMap((column): Edit[] => {
    const to = column.span.offset + column.span.length
    if (column.type === 'StarResultColumn') {
      const isPlain =
        sources.every(({ reference }) => reference !== null) && !mergesColumns(sql, from)
      if (!isPlain) throw unclear(narrow)
      return [{ from: to - 1, to, text: sources.map(spelledOut).join(', ') }]
    }
    if (column.type !== 'TableStarResultColumn') return []
    const source = sources.find(({ name }) => name === fold(column.table.text))
    if (source?.narrow == null) return []
    return [{ from: column.table.span.offset, to, text: spelledOut(source) }]
  })
}

/** RETURNING, and the columns of an INSERT that names none. */
function changeEdits(sql: string, node: AstNode, tables: NarrowTables): Edit[] {
  if (node.type !== 'InsertStmt' && node.type !== 'UpdateStmt' && node.type !== 'DeleteStmt')
    return []
  const narrow = tables(node.tblName.objName.text)
  if (narrow === null) return []
  const { alias, objName, span } = node.tblName
  const source = { ...named(sql, alias ?? objName), narrow }
  const edits = (node.returning ?? []).flatMap(({ type, span: star }): Edit[] => {
    const to = star.offset + star.length
    return type === 'StarResultColumn' ? [{ from: to - 1, to, text: spelledOut(source) }] : []
  })
  if (node.type !== 'InsertStmt' || node.columns !== undefined) return edits
  if (node.body.type !== 'SelectInsertBody') return edits
  const end = span.offset + span.length
  return [...edits, { from: end, to: end, text: ` (${narrow.stored.join(', ')})` }]
}

function sourcesOf(
  sql: string,
  from: FromClause | undefined,
  narrowOf: (name: QualifiedName) => Narrow | null,
): Source[] {
  const tables = [from?.select, ...(from?.joins ?? []).map(({ table }) => table)]
  return tables.flatMap((table) => (table === undefined ? [] : sourceOf(sql, table, narrowOf)))
}

function sourceOf(
  sql: string,
  table: SelectTable,
  narrowOf: (name: QualifiedName) => Narrow | null,
): Source[] {
  if (table.type === 'SubSelectTable' && table.alias === undefined)
    return sourcesOf(sql, table.from, narrowOf)
  const isTable = table.type === 'TableSelectTable' || table.type === 'TableCallSelectTable'
  const name = table.alias?.name ?? (isTable ? table.tblName.objName : undefined)
  const narrow = table.type === 'TableSelectTable' ? narrowOf(table.tblName) : null
  return [{ ...(name === undefined ? { reference: null, name: null } : named(sql, name)), narrow }]
}

/** The name as it is written, quotes and all. */
function named(sql: string, { text, span }: Name): { reference: string; name: string } {
  return { reference: sql.slice(span.offset, span.offset + span.length), name: fold(text) }
}

function spelledOut({ reference, narrow }: Omit<Source, 'name'>): string {
  if (narrow === null) return `${reference}.*`
  return narrow.columns.map((column) => `${reference}.${column}`).join(', ')
}

/** NATURAL and USING make one column of two. */
function mergesColumns(sql: string, from: FromClause | undefined): boolean {
  return (from?.joins ?? []).some(({ operator: { span }, constraint, table }) => {
    const words = sql.slice(span.offset, span.offset + span.length)
    if (/natural/i.test(words) || constraint?.type === 'UsingJoinConstraint') return true
    return table.type === 'SubSelectTable' && mergesColumns(sql, table.from)
  })
}

function unclear({ name }: Source): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `${name} has no key, so PostgreSQL has a column more of it, and this * cannot be spelled out: name the columns`,
  )
}

function fold(name: string): string {
  return name.toLowerCase()
}
