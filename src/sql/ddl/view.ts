import type { Catalog } from '../catalog.ts'
import { parseStatements } from '../parser.ts'
import { quoteName } from '../quote.ts'
import { createEmitter } from '../translate/create-emitter.ts'
import type { EmittedColumn } from '../translate/emitter.ts'
import { createParameters } from '../translate/parameters.ts'
import { createScope, type CommonTable } from '../translate/scope.ts'
import { renamed, tableOf } from '../translate/with.ts'

/** A view in PostgreSQL's terms. */
export interface TranslatedView {
  /** SQLite's names of its columns. */
  readonly columns: readonly string[]
  /** Those that may hold values of several classes, and are json as SQLite keeps its JSON: 5, "five", {"blob":"05"}. */
  readonly mixed: readonly string[]
  readonly query: string
  /** What it is to the views that read it: its columns with their types, affinities and collations. */
  readonly table: CommonTable
}

/**
 * Translates a view as if it were a common table expression, which means the same, so that what its columns are to
 * other views is known to the last collation.
 * @param known the views that it reads
 * @param sqlName its own name on PostgreSQL, quoted
 * @throws LockstepError SQL_UNSUPPORTED for what has no faithful form; SQLITE_ERROR for what SQLite cannot read either
 */
export function translateView(
  sql: string,
  { catalog, known, sqlName }: { catalog: Catalog; known: readonly CommonTable[]; sqlName: string },
): TranslatedView {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'CreateViewStmt') throw new TypeError('Expected a CREATE VIEW')
  const parameters = createParameters([])
  const emitter = createEmitter(sql, catalog, parameters)
  const scope = createScope(null, { commonTables: known })
  const select = emitter.select(statement.select, scope)
  const { objName: tblName } = statement.viewName
  const columns = renamed({ tblName, columns: statement.columns }, select, emitter)
  const inner = parameters.finish(select.sql).text
  return {
    columns: columns.map(({ name }) => name),
    mixed: columns.filter(isMixed).map(({ name }) => name),
    query: `SELECT ${columns.map(shown).join(', ')} FROM (${inner}) AS q`,
    table: commonTable(tblName.text, sqlName, columns),
  }
}

/**
 * Numbers of either class are `numeric` to other programs, which can sort and add them; those of class REAL have a point.
 * The subquery keeps PostgreSQL from letting other programs write through a simple view, where SQLite refuses it or
 * runs INSTEAD OF triggers. https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS
 */
function shown(column: EmittedColumn): string {
  const value = `q.${column.sqlName}`
  return areNumbers(column) ? `sqlite.scaled(${value})` : value
}

function areNumbers({ expression: { type, numbers } }: EmittedColumn): boolean {
  return type === 'dynamic' && numbers === true
}

function isMixed(column: EmittedColumn): boolean {
  return column.expression.type === 'dynamic' && !areNumbers(column)
}

/** What other views read has each value as its class has it. */
function commonTable(
  name: string,
  sqlName: string,
  columns: readonly EmittedColumn[],
): CommonTable {
  const own = columns.map((column) => ({ ...column, sqlName: quoteName(column.name) }))
  if (!columns.some(areNumbers)) return tableOf(name, sqlName, own)
  const values = own.map((column) =>
    areNumbers(column)
      ? `sqlite.dynamic_scaled(${column.sqlName}) AS ${column.sqlName}`
      : column.sqlName,
  )
  return tableOf(name, `(SELECT ${values.join(', ')} FROM ${sqlName})`, own)
}
