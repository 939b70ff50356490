import type { Expr, UpsertIndex } from 'sqlite3-parser'
import type { UniqueKey } from '../catalog.ts'
import type { Emitter } from './emitter.ts'
import { unknownColumn } from './rowid-names.ts'
import { schemaText } from './stored-default.ts'
import { sameSyntax } from './same-syntax.ts'
import { unwrap } from './syntax.ts'
import { columnNamed, type Target } from './target.ts'

/**
 * The key that ON CONFLICT names, by SQLite's rules (sqlite3UpsertAnalyzeTarget): as many terms as the key
 * has parts, one for each part in any order; a COLLATE need not be said, but must not be another; a partial
 * index needs its own WHERE, word by word, and any other takes no notice of one.
 */
export function conflictKey(index: UpsertIndex, target: Target, emitter: Emitter): UniqueKey {
  const terms = index.targets.map(({ expr }) => expr)
  for (const term of terms) checkNames(term, target, emitter)
  const key = target.relation.uniqueKeys.find(
    (each) =>
      matchesParts(each, terms, target, emitter) && matchesWhere(each, index, target, emitter),
  )
  if (key !== undefined) return key
  const message = 'ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint'
  throw emitter.wrong(message, index.span.offset)
}

function checkNames(term: Expr, { relation }: Target, emitter: Emitter): void {
  const name = columnName(withoutCollate(term).node)
  if (name === undefined || columnNamed(relation, name) !== undefined) return
  const message = `no such column: ${name}`
  throw unknownColumn(name, relation, message, term.span.offset, emitter)
}

function matchesParts(
  key: UniqueKey,
  terms: readonly Expr[],
  target: Target,
  emitter: Emitter,
): boolean {
  if (key.parts.length !== terms.length) return false
  return key.parts.every((part) =>
    terms.some((term) => {
      const { node, collation } = withoutCollate(term)
      if (collation !== undefined && collation !== part.collation.toUpperCase()) return false
      if (part.column === null) return sameAsText(node, part.expression ?? '', target, emitter)
      const name = columnName(node)
      const column = name === undefined ? undefined : columnNamed(target.relation, name)
      return column?.name === part.column
    }),
  )
}

function matchesWhere(
  { where }: UniqueKey,
  { whereClause }: UpsertIndex,
  target: Target,
  emitter: Emitter,
): boolean {
  if (where === null) return true
  return whereClause !== undefined && sameAsText(whereClause, where, target, emitter)
}

function sameAsText(node: Expr, text: string, target: Target, emitter: Emitter): boolean {
  const other = schemaText(text, emitter, target.offset)
  return sameSyntax(node, other.node)
}

function withoutCollate(term: Expr): {
  readonly node: Expr
  readonly collation: string | undefined
} {
  const inner = unwrap(term)
  if (inner.type !== 'CollateExpr') return { node: inner, collation: undefined }
  return { node: unwrap(inner.expr), collation: inner.collation.toUpperCase() }
}

function columnName(node: Expr): string | undefined {
  if (node.type === 'Id') return node.name
  return node.type === 'QualifiedExpr' ? node.column.text : undefined
}
