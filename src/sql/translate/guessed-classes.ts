import type { Expr } from 'sqlite3-parser'
import { isNumericAffinity } from '../../values/affinity.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import type { Scope } from './scope.ts'

export type GuessedClass = 'number' | 'text' | 'blob'

const ALL: readonly GuessedClass[] = ['number', 'text', 'blob']

/**
 * The classes besides NULL that SQLite takes an expression's values for by how it is written, whatever they turn out to be:
 * sqlite3ExprDataType of expr.c
 */
export function guessedClasses(
  node: Expr,
  scope: Scope,
  emitter: Emitter,
): readonly GuessedClass[] {
  switch (node.type) {
    case 'ParenthesizedExpr':
    case 'CollateExpr': {
      const inner = node.type === 'CollateExpr' ? node.expr : node.exprs[0]
      return inner === undefined ? ALL : guessedClasses(inner, scope, emitter)
    }
    case 'UnaryExpr':
      return node.op === 'Positive' ? guessedClasses(node.expr, scope, emitter) : ['number']
    case 'NullLiteral':
      return []
    case 'StringLiteral':
      return ['text']
    case 'BlobLiteral':
      return ['blob']
    case 'CaseExpr': {
      const { whenThenPairs, elseExpr } = node
      const results = [...whenThenPairs.map(({ then }) => then), ...(elseExpr ? [elseExpr] : [])]
      return results.flatMap((each) => guessedClasses(each, scope, emitter))
    }
    case 'BinaryExpr':
      if (node.op === 'ArrowRight' || node.op === 'ArrowRightShift') return ALL
      return node.op === 'Concat' ? ['text', 'blob'] : ['number']
    case 'LikeExpr':
      return node.not ? ['number'] : ALL
    case 'Id':
    case 'NameExpr':
    case 'QualifiedExpr':
    case 'CastExpr':
    case 'SubqueryExpr':
      return classesOf(emitter.value(node, scope))
    case 'VariableExpr':
    case 'FunctionCallExpr':
    case 'FunctionCallStarExpr':
    case 'CurrentDateLiteral':
    case 'CurrentTimeLiteral':
    case 'CurrentTimestampLiteral':
      return ALL
    default:
      return ['number']
  }
}

/** Of a column, a CAST or a subquery: what its affinity leaves. */
export function classesOf({ affinity, literal, isOwn }: TypedExpression): readonly GuessedClass[] {
  if (isOwn === true) return []
  // TRUE and FALSE are names to the parser.
  if (typeof literal === 'bigint') return ['number']
  if (affinity === 'text') return ['text', 'blob']
  return affinity !== 'none' && isNumericAffinity(affinity) ? ['number', 'blob'] : ALL
}
