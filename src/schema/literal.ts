import type { Expr } from 'sqlite3-parser'
import { fitsInt64 } from '../values/affinity.ts'
import type { Value } from '../values/value.ts'

/** The value of a literal, or undefined where the expression is not one. */
export function literalValue(expr: Expr): Value | undefined {
  switch (expr.type) {
    case 'NumericLiteral':
      return numberValue(expr.value)
    case 'StringLiteral':
      return expr.value
    case 'BlobLiteral':
      return Buffer.from(expr.bytes)
    case 'NullLiteral':
      return null
    case 'ParenthesizedExpr': {
      const [only] = expr.exprs
      return expr.exprs.length === 1 && only !== undefined ? literalValue(only) : undefined
    }
    case 'UnaryExpr': {
      const value = literalValue(expr.expr)
      if (typeof value !== 'bigint' && typeof value !== 'number') return undefined
      if (expr.op === 'Positive') return value
      return expr.op === 'Negative' ? negative(value) : undefined
    }
    default:
      return undefined
  }
}

/** https://www.sqlite.org/lang_expr.html#literal_values_constants_ */
function numberValue(text: string): bigint | number | undefined {
  const plain = text.replaceAll('_', '')
  if (/^0x/i.test(plain)) {
    const value = BigInt.asUintN(64, BigInt(plain))
    return BigInt.asIntN(64, value)
  }
  if (!/^\d+$/.test(plain)) {
    const value = Number(plain)
    return Number.isNaN(value) ? undefined : value
  }
  const value = BigInt(plain)
  return fitsInt64(value) ? value : Number(plain)
}

/** The digits of the smallest INTEGER are one too large without their sign. */
function negative(value: bigint | number): bigint | number {
  if (value === 2 ** 63) return -(2n ** 63n)
  if (typeof value === 'bigint' && value === -(2n ** 63n)) return 2 ** 63
  return -value
}
