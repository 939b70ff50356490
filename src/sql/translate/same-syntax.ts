import type { AstNode } from 'sqlite3-parser'
import { foldName } from '../quote.ts'

type Node = Readonly<Record<string, unknown>>

/**
 * Two expressions say the same word by word, as SQLite compares an index's text with a statement's: names
 * without regard to case and to their table, parentheses not counted. It never calls different ones the same.
 */
export function sameSyntax(left: AstNode, right: AstNode): boolean {
  return same(left, right)
}

function same(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((each, index) => same(each, right[index]))
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return Buffer.compare(left, right) === 0
  }
  if (isNode(left) && isNode(right)) return sameNode(plain(left), plain(right))
  return left === right
}

function sameNode(left: Node, right: Node): boolean {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys].every((key) => key === 'span' || sameField(key, left, right))
}

function sameField(key: string, left: Node, right: Node): boolean {
  const [a, b] = [left[key], right[key]]
  const isName = left['type'] === 'Id' && key === 'name'
  return isName && typeof a === 'string' && typeof b === 'string'
    ? foldName(a) === foldName(b)
    : same(a, b)
}

/** A qualified column as a bare one, and what parentheses hold. */
function plain(node: Node): Node {
  if (node['type'] === 'QualifiedExpr' && isNode(node['column'])) {
    return { type: 'Id', name: node['column']['text'] }
  }
  const exprs = node['exprs']
  if (node['type'] !== 'ParenthesizedExpr' || !Array.isArray(exprs) || exprs.length !== 1)
    return node
  const only: unknown = exprs[0]
  return isNode(only) ? plain(only) : node
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
