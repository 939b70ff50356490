import type { LikeExpr } from 'sqlite3-parser'
import { likeBounds } from '../like-bounds.ts'
import { checkEscape } from '../like-escape.ts'
import { quoteText } from '../quote.ts'
import { unlessBlob } from './blob-matches.ts'
import { collated } from './comparison.ts'
import { toText } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { allConstant, allNotNull, typed, type TypedExpression } from './expression.ts'
import { nullLiteral } from './literals.ts'
import { parameterOf } from './parameter-values.ts'
import type { Scope } from './scope.ts'

/**
 * LIKE ignores the case of ASCII letters only, whatever the collation, and has no escape character of its own.
 * In the "C" collation ILIKE does the same. https://www.sqlite.org/lang_expr.html#like
 */
export function like(node: LikeExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const value = emitter.value(node.lhs, scope)
  const pattern = emitter.value(node.rhs, scope)
  const match = () => likeText(node, value, pattern, scope, emitter)
  return unlessBlob([value, pattern], node.not ? 'NOT ' : '', match)
}

function likeText(
  node: LikeExpr,
  value: TypedExpression,
  pattern: TypedExpression,
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  const not = node.not ? 'NOT ' : ''
  const given = node.escape && emitter.value(node.escape, scope)
  if ([value, pattern, given].some((each) => each?.type === 'null')) {
    return { ...nullLiteral, type: 'boolean', sql: 'NULL::boolean' }
  }
  const { sql: escape, character } =
    given === undefined ? noEscape : escapeOf(given, node.escape?.span.offset ?? 0, emitter)
  if (typeof pattern.literal === 'string' && character && endsOpen(pattern.literal, character)) {
    throw emitter.unsupported(
      'A LIKE pattern that ends with its escape character',
      node.span.offset,
      'It matches nothing: leave the condition out',
    )
  }
  const wanted = bounded(pattern, node.rhs.span.offset, emitter)
  // Where there is no letter, the case of none is looked at, which takes time.
  const hasCase = typeof pattern.literal !== 'string' || /[A-Za-z]/.test(pattern.literal)
  const operator = hasCase ? 'ILIKE' : 'LIKE'
  const match = `((${toText(value)} COLLATE "C") ${not}${operator} ${wanted} ESCAPE ${escape})`
  const near = node.not || given !== undefined ? undefined : bounds(value, pattern)
  const sql = near === undefined ? match : `(${near} AND ${match})`
  return typed(sql, 'boolean', {
    constant: allConstant([value, pattern]),
    notNull: allNotNull([value, pattern]),
  })
}

/** SQLITE_MAX_LIKE_PATTERN_LENGTH, in bytes. https://www.sqlite.org/limits.html */
const maxPatternBytes = 50_000

/** The pattern's text, which SQLite refuses where it is too long; what is computed is known while the statement runs. */
function bounded(pattern: TypedExpression, offset: number, emitter: Emitter): string {
  const text = toText(pattern)
  if (typeof pattern.literal !== 'string') return `sqlite.pattern(${text})`
  if (Buffer.byteLength(pattern.literal) <= maxPatternBytes) return text
  throw emitter.wrong('LIKE or GLOB pattern too complex', offset)
}

/**
 * Where the column's own collation ignores case, as it must for SQLite to use an index with LIKE: the bounds of what
 * can match, which the index on PostgreSQL serves. https://www.sqlite.org/optoverview.html#the_like_optimization
 */
function bounds(value: TypedExpression, pattern: TypedExpression): string | undefined {
  const { column } = value
  if (column?.postgresType !== 'text' || column.collation !== 'NOCASE') return undefined
  if (value.type !== 'text' || pattern.type !== 'text') return undefined
  const folded = collated(value.sql, 'NOCASE')
  const parameter = parameterOf(pattern)
  if (parameter !== undefined) {
    const from = parameter.slot('text', 'like from')
    const before = parameter.slot('text', 'like before')
    // Planned for the value, where one of the two falls away.
    return `${folded} >= ${from} AND (${folded} < ${before} OR ${before} IS NULL)`
  }
  if (typeof pattern.literal !== 'string') return undefined
  const { from, before } = likeBounds(pattern.literal)
  const least = `${folded} >= ${quoteText(from)}`
  return before === null ? least : `${least} AND ${folded} < ${quoteText(before)}`
}

interface Escape {
  readonly sql: string
  /** Undefined where there is none, and where it is known only when it is bound. */
  readonly character: string | undefined
}

const noEscape: Escape = { sql: "''", character: undefined }

/** The escape character must be known, as PostgreSQL and SQLite differ in what else may stand there. */
function escapeOf(given: TypedExpression, offset: number, emitter: Emitter): Escape {
  const { literal, type } = given
  const parameter = parameterOf(given)
  if (parameter !== undefined && type === 'text') {
    return { sql: parameter.slot('text', 'like escape'), character: undefined }
  }
  if (typeof literal !== 'string') {
    throw emitter.unsupported('ESCAPE with a computed character', offset, 'Write it as a literal')
  }
  checkEscape(literal, {
    wrong: (message) => emitter.wrong(message, offset),
    unsupported: (construct, wayOut) => emitter.unsupported(construct, offset, wayOut),
  })
  return { sql: quoteText(literal), character: literal }
}

function endsOpen(pattern: string, escape: string): boolean {
  let open = false
  for (const character of pattern) open = !open && character === escape
  return open
}
