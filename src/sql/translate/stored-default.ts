import type { Expr } from 'sqlite3-parser'
import { serverType } from '../../values/postgres-type.ts'
import type { RelationColumn } from '../catalog.ts'
import { parseStatements } from '../parser.ts'
import type { Emitter } from './emitter.ts'
import { createScope } from './scope.ts'
import { unwrap } from './syntax.ts'

/** What stands before a text of the schema when it is parsed, so that spans point into the whole. */
const PREFIX = 'SELECT '

/** An expression out of the schema (a DEFAULT, a CHECK, an index), and the emitter that its spans are for. */
export interface SchemaText {
  readonly node: Expr
  readonly emitter: Emitter
}

/** @param offset of what needs the text, for the error where the text is not understood. */
export function schemaText(text: string, emitter: Emitter, offset: number): SchemaText {
  const whole = PREFIX + text
  const [statement] = parsed(whole)
  const select = statement?.type === 'SelectStmt' ? statement.body.select : undefined
  const column = select?.type === 'SelectFrom' ? select.columns[0] : undefined
  if (column?.type === 'ExprResultColumn') {
    return { node: column.expr, emitter: emitter.within(whole) }
  }
  throw emitter.unsupported(`The schema's ${text}`, offset, 'Write the value in the statement')
}

function parsed(text: string): ReturnType<typeof parseStatements> {
  try {
    return parseStatements(text)
  } catch {
    return []
  }
}

/** The value that SQLite gives a column that INSERT does not name, stored; NULL where it has no DEFAULT. */
export function storedDefault(column: RelationColumn, emitter: Emitter, offset: number): string {
  if (column.defaultSql === null) return typedNull(column)
  const text = schemaText(column.defaultSql, emitter, offset)
  return text.emitter.store(literalOf(text.node), column, createScope(null))
}

/** A bare word is a string in a DEFAULT, and only there. https://www.sqlite.org/syntax/column-constraint.html */
function literalOf(node: Expr): Expr {
  const inner = unwrap(node)
  const isWord = inner.type === 'Id' && !/^(?:true|false)$/i.test(inner.name)
  return isWord ? { type: 'StringLiteral', value: inner.name, span: inner.span } : node
}

export function typedNull({ postgresType }: RelationColumn): string {
  return `NULL::${serverType(postgresType)}`
}

/**
 * PostgreSQL's own DEFAULT certainly is the same: a plain literal in a column that holds its class, or the
 * current time as text. Any other is written into the statement.
 */
export function hasSameDefault({ defaultSql, postgresType, affinity }: RelationColumn): boolean {
  if (defaultSql === null || /^null$/i.test(defaultSql)) return true
  const isNumeric = postgresType === 'bigint' || postgresType === 'double precision'
  if (/^[-+]?\d{1,15}$/.test(defaultSql)) return isNumeric && affinity !== 'blob'
  if (/^[-+]?\d{1,9}\.\d{1,6}$/.test(defaultSql)) return postgresType === 'double precision'
  if (postgresType !== 'text' || affinity !== 'text') return false
  return /^'[^\0\\']*'$/.test(defaultSql) || /^current_(?:date|time|timestamp)$/i.test(defaultSql)
}
