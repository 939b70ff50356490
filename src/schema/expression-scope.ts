import type { Expr, Id } from 'sqlite3-parser'
import { shippedColumns, type ShippedColumn, type Table } from './model.ts'
import { expressionPrefix } from './parse-expression.ts'
import { isUpgraded } from '../values/postgres-type.ts'
import { foldName, quoteIdentifier, quoteLiteral } from './quote.ts'

/** An expression in PostgreSQL's words, and what it gives there. */
export interface PostgresExpression {
  readonly sql: string
  /**
   * `json`: a value of a document as text, which serves to find texts. `upgraded`: a column of an idiomatic type,
   * of which only that it is NULL is the same on both places; a column of type boolean is `boolean`.
   */
  readonly kind: 'number' | 'text' | 'bytea' | 'boolean' | 'json' | 'upgraded'
}

/** What the names in an index's text mean. */
export interface ExpressionScope {
  word(id: Id): PostgresExpression | null
  /** A column behind the name of its table. */
  qualified(table: string, column: string): PostgresExpression | null
  /** The expression is a column whose own collation decides over a comparison. */
  hasCollation(expr: Expr): boolean
  /** The column that the expression is, or undefined. */
  column(expr: Expr): ShippedColumn | undefined
}

export function createScope(sql: string, table: Table): ExpressionScope {
  const columns = new Map(shippedColumns(table).map((column) => [foldName(column.name), column]))
  const collated = new Set(
    table.columns.flatMap(({ name, collation }) => (collation === undefined ? [] : foldName(name))),
  )

  function find(name: string): ShippedColumn | undefined {
    const found = columns.get(foldName(name))
    if (found !== undefined || table.key.kind === 'declared') return found
    const isRowid = /^(?:rowid|_rowid_|oid)$/i.test(name)
    return isRowid ? columns.get(foldName(table.key.columns[0] ?? '')) : undefined
  }

  return {
    column(expr) {
      if (expr.type === 'Id') return find(expr.name)
      if (expr.type !== 'QualifiedExpr' || foldName(expr.table.text) !== foldName(table.name)) {
        return undefined
      }
      return find(expr.column.text)
    },
    word({ name, span }) {
      const found = find(name)
      if (found !== undefined) return reference(found)
      return constant(name, sql[span.offset - expressionPrefix.length] === '"')
    },
    qualified(tableName, columnName) {
      const found = foldName(tableName) === foldName(table.name) ? find(columnName) : undefined
      return found === undefined ? null : reference(found)
    },
    hasCollation(expr) {
      if (expr.type === 'Id') return collated.has(foldName(expr.name))
      if (expr.type === 'QualifiedExpr') return collated.has(foldName(expr.column.text))
      return expr.type === 'ParenthesizedExpr' && expr.exprs.some((each) => this.hasCollation(each))
    },
  }
}

function reference(column: ShippedColumn): PostgresExpression | null {
  const kind = kindOf(column)
  return kind === null ? null : { sql: quoteIdentifier(column.name), kind }
}

/** A name in double quotes that no column has is text for SQLite; TRUE and FALSE are 1 and 0. */
function constant(name: string, doubleQuoted: boolean): PostgresExpression | null {
  if (doubleQuoted) return { sql: quoteLiteral(name), kind: 'text' }
  if (/^true$/i.test(name)) return { sql: '1', kind: 'number' }
  return /^false$/i.test(name) ? { sql: '0', kind: 'number' } : null
}

/** Null where the column holds numbers as text: they compare as text on PostgreSQL only. */
function kindOf({ postgresType, affinity }: ShippedColumn): PostgresExpression['kind'] | null {
  if (isUpgraded(postgresType)) return postgresType === 'boolean' ? 'boolean' : 'upgraded'
  if (postgresType === 'bytea') return 'bytea'
  if (postgresType !== 'text') return 'number'
  return affinity === 'text' || affinity === 'blob' ? 'text' : null
}
