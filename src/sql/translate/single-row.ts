import type { Expr } from 'sqlite3-parser'
import type { Relation, UniqueKey } from '../catalog.ts'
import { foldName } from '../quote.ts'
import { descendants, unwrap } from './syntax.ts'
import { columnNamed } from './target.ts'

/** What the condition compares rows of. */
export interface Compared {
  readonly relation: Relation
  /** As the statement calls it. */
  readonly name: string
  /** Names that mean other tables' columns where they are not qualified; folded. */
  readonly others: ReadonlySet<string>
}

/**
 * The condition leaves at most one row of the table for each row of what else is in it, as it says what
 * every part of a unique key equals. It may say no of a condition that does.
 */
export function pinsRow(condition: Expr | undefined, compared: Compared): boolean {
  if (condition === undefined) return false
  const pinned = new Set(conjuncts(condition).flatMap((each) => pinnedColumn(each, compared) ?? []))
  return compared.relation.uniqueKeys.some((key) => isPinned(key, pinned, compared.relation))
}

/** A text compares by the collation of its column, so that only a key of the same one tells rows apart. */
function isPinned(key: UniqueKey, pinned: ReadonlySet<string>, relation: Relation): boolean {
  if (key.where !== null) return false
  return key.parts.every((part) => {
    const column = part.column === null ? undefined : columnNamed(relation, part.column)
    if (column === undefined || !pinned.has(column.name)) return false
    const isText = column.postgresType === 'text' || column.affinity === 'blob'
    return !isText || (column.collation === 'BINARY' && part.collation === 'BINARY')
  })
}

function conjuncts(condition: Expr): Expr[] {
  const found: Expr[] = []
  const stack = [condition]
  for (let next = stack.pop(); next; next = stack.pop()) {
    const inner = unwrap(next)
    if (inner.type === 'BinaryExpr' && inner.op === 'And') stack.push(inner.left, inner.right)
    else found.push(inner)
  }
  return found
}

/** The column that an equality sets to something outside of its row, or undefined. */
function pinnedColumn(node: Expr, compared: Compared): string | undefined {
  if (node.type !== 'BinaryExpr' || node.op !== 'Equals') return undefined
  const { left, right } = node
  const ways: [Expr, Expr][] = [
    [left, right],
    [right, left],
  ]
  for (const [own, other] of ways) {
    const column = ownColumn(unwrap(own), compared)
    if (column !== undefined && isOutside(other, column, compared)) return column
  }
  return undefined
}

function ownColumn(node: Expr, { relation, name, others }: Compared): string | undefined {
  if (node.type === 'Id') {
    return others.has(foldName(node.name)) ? undefined : columnNamed(relation, node.name)?.name
  }
  if (node.type !== 'QualifiedExpr' || foldName(node.table.text) !== foldName(name))
    return undefined
  return columnNamed(relation, node.column.text)?.name
}

/**
 * A value, or a column of another table of the same class: a text column beside a number compares as a
 * number, and then several texts equal one number.
 */
function isOutside(node: Expr, column: string, compared: Compared): boolean {
  const inner = unwrap(node)
  const { relation, name, others } = compared
  const known = relation.columns.find((each) => each.name === column)
  const isNumeric = known === undefined || known.affinity !== 'text'
  for (const each of descendants(inner)) {
    if (each.type === 'Select' || each.type === 'CollateExpr') return false
    if (each.type === 'Id' && !others.has(foldName(each.name))) return false
    if (each.type === 'QualifiedExpr' && foldName(each.table.text) === foldName(name)) return false
  }
  if (inner.type === 'VariableExpr' || inner.type === 'StringLiteral') return true
  if (inner.type === 'NumericLiteral') return isNumeric
  const isColumn = inner.type === 'Id' || inner.type === 'QualifiedExpr'
  return isColumn && isNumeric && known?.affinity !== 'blob'
}
