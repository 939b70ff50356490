import type { CaseExpr } from 'sqlite3-parser'
import { compare } from './comparison.ts'
import { toCondition, unify } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { numbersOf, typed, type TypedExpression } from './expression.ts'
import { nullLiteral } from './literals.ts'
import { sides } from './sides.ts'
import { comparedRows } from './row-values.ts'
import type { Scope } from './scope.ts'
import { chosenSubtype } from './subtype.ts'

/** `CASE x WHEN y` compares as `x = y` does. */
export function caseExpression(node: CaseExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const { base, whenThenPairs, elseExpr } = node
  const conditions = whenThenPairs.map(({ when }) => {
    if (base === undefined) return emitter.expression(when, scope)
    const rows = comparedRows([base, '=', when], scope, emitter)
    if (rows !== undefined) return rows
    const [a, b] = sides(base, when, scope, emitter)
    return compare(a, '=', b)
  })
  const results = whenThenPairs.map(({ then }) => emitter.value(then, scope))
  const otherwise = elseExpr === undefined ? nullLiteral : emitter.value(elseExpr, scope)
  const all = [...results, otherwise]
  const { type, sql } = unify(all)
  const tests = conditions.map(toCondition)
  const choice = (texts: readonly string[]): string => {
    const arms = tests.map((test, index) => `WHEN ${test} THEN ${texts[index] ?? 'NULL'}`)
    return `(CASE ${arms.join(' ')} ELSE ${texts.at(-1) ?? 'NULL'} END)`
  }
  const constant = all.every((each) => each.constant) && conditions.every((each) => each.constant)
  const notNull = all.every((each) => each.notNull)
  const facts = { notNull, constant, ...chosenSubtype(all, choice), ...numbersOf(type, all) }
  return typed(choice(sql), type, facts)
}
