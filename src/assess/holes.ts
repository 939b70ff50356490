import type { AstNode, Expr } from 'sqlite3-parser'
import { comparisonOperators } from '../sql/operators.ts'
import { parseStatements, tokenize } from '../sql/parser.ts'
import { eachNode } from '../sql/tables.ts'
import type { Hole } from './piece.ts'

/** Why a hole keeps a statement from being read, by what it is in the program or within a quoted name; else null. */
export function pieceOfSql(sql: string, holes: readonly Hole[]): string | null {
  if (holes.length === 0) return null
  const tokens = tokenize(sql)
  const known = holes.find(({ isValue, placeholder }) =>
    tokens.some(({ name, text }) =>
      name === 'VARIABLE'
        ? !isValue && text === placeholder
        : name === 'ID' && text.includes(placeholder),
    ),
  )
  return known === undefined ? null : nameReason(known)
}

/**
 * Why a statement with placeholders for the holes of its template is not the one that run time sends: one of them stands
 * where a value makes no sense. Null where each stands for a value.
 */
export function nameInPlaceOfValue(sql: string, holes: readonly Hole[]): string | null {
  const [statement] = holes.length === 0 ? [] : parseStatements(sql)
  if (statement === undefined) return null
  const byPlaceholder = new Map(holes.map((hole) => [hole.placeholder, hole]))
  const holeOf: HoleOf = (node) =>
    node?.type === 'VariableExpr' ? byPlaceholder.get(placeholderOf(node.name)) : undefined
  let found: Hole | undefined
  eachNode(statement, (node) => {
    found ??= nameIn(node, holeOf)
  })
  return found === undefined ? null : nameReason(found)
}

function placeholderOf(name: string): string {
  return name.startsWith(':') ? name : `:${name}`
}

export function nameReason({ code }: Hole): string {
  const shown = code.length > 60 ? `${code.slice(0, 57)}...` : code
  return `\${${shown.replaceAll(/\s+/g, ' ')}} stands for a name or a piece of SQL, which only run time knows`
}

type HoleOf = (node: Expr | undefined) => Hole | undefined

const connectives: ReadonlySet<string> = new Set(['And', 'Or'])

/** A value alone makes no sense as a result, an order, a group, a condition, or beside a constant. */
function nameIn(node: AstNode, holeOf: HoleOf): Hole | undefined {
  switch (node.type) {
    case 'ExprResultColumn':
    case 'SortedColumn':
    case 'OnJoinConstraint':
      return holeOf(node.expr)
    case 'SelectFrom': {
      const conditions = [node.whereClause, node.having, ...(node.groupBy ?? [])]
      return conditions.map(holeOf).find(Boolean)
    }
    case 'UpdateStmt':
    case 'DeleteStmt':
      return holeOf(node.whereClause)
    case 'BinaryExpr':
      return nameInOperation(node.op, node.left, node.right, holeOf)
    case 'UnaryExpr':
      return node.op === 'Not' ? holeOf(node.expr) : undefined
    case 'InListExpr':
    case 'InSelectExpr':
    case 'LikeExpr':
    case 'BetweenExpr':
      return holeOf(node.lhs)
    default:
      return undefined
  }
}

function nameInOperation(op: string, left: Expr, right: Expr, holeOf: HoleOf): Hole | undefined {
  const [first, second] = [holeOf(left), holeOf(right)]
  if (connectives.has(op)) return first ?? second
  if (!comparisonOperators.has(op)) return undefined
  if (first !== undefined && second !== undefined) return first
  return right.type.endsWith('Literal') ? first : undefined
}
