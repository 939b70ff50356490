import type { LikeExpr } from 'sqlite3-parser'
import { toText } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { allConstant, allNotNull, typed, type TypedExpression } from './expression.ts'
import { nullLiteral } from './literals.ts'
import type { Scope } from './scope.ts'

/**
 * LIKE ignores the case of ASCII letters only, whatever the collation, and has no escape character of its own.
 * In the "C" collation ILIKE does the same. https://www.sqlite.org/lang_expr.html#like
 */
export function like(node: LikeExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const value = emitter.value(node.lhs, scope)
  const pattern = emitter.value(node.rhs, scope)
  const not = node.not ? 'NOT ' : ''
  if (value.type === 'null' || pattern.type === 'null') {
    return { ...nullLiteral, type: 'boolean', sql: 'NULL::boolean' }
  }
  // Built with SQLITE_LIKE_DOESNT_MATCH_BLOBS, LIKE is false where either side is a blob.
  if (value.type === 'blob' || pattern.type === 'blob') {
    const sql = node.not ? 'TRUE' : 'FALSE'
    return typed(sql, 'boolean', { notNull: true, constant: true })
  }
  const escape = node.escape === undefined ? '' : escapeOf(node, scope, emitter)
  if (typeof pattern.literal === 'string' && escape !== '' && endsOpen(pattern.literal, escape)) {
    throw emitter.unsupported(
      'A LIKE pattern that ends with its escape character',
      node.span.offset,
      'It matches nothing: leave the condition out',
    )
  }
  const quoted = escape === "'" ? "''''" : `'${escape}'`
  const literal = escape === '\\' ? `E'\\\\'` : quoted
  const sql = `((${toText(value)} COLLATE "C") ${not}ILIKE ${toText(pattern)} ESCAPE ${literal})`
  return typed(sql, 'boolean', {
    constant: allConstant([value, pattern]),
    notNull: allNotNull([value, pattern]),
  })
}

/** The escape character must be known, as PostgreSQL and SQLite differ in what else may stand there. */
function escapeOf(node: LikeExpr, scope: Scope, emitter: Emitter): string {
  const offset = node.escape?.span.offset ?? node.span.offset
  const escape = node.escape === undefined ? undefined : emitter.value(node.escape, scope).literal
  if (typeof escape !== 'string') {
    throw emitter.unsupported('ESCAPE with a computed character', offset, 'Write it as a literal')
  }
  if (Array.from(escape).length !== 1) {
    throw emitter.wrong('ESCAPE expression must be a single character', offset)
  }
  if (escape === '%' || escape === '_') {
    throw emitter.unsupported('ESCAPE with a wildcard', offset, 'Take another character')
  }
  return escape
}

function endsOpen(pattern: string, escape: string): boolean {
  let open = false
  for (const character of pattern) open = !open && character === escape
  return open
}
