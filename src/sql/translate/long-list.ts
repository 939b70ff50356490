import { quoteText } from '../quote.ts'
import type { TypedExpression } from './expression.ts'

/** From how many literals of one type on they are sent as one. */
const minLength = 100

/** What a subject is compared with by PostgreSQL's `=`; the literal is there where the text is nothing else. */
export type Member = Pick<TypedExpression, 'sql' | 'literal'>

/**
 * The tests of which one holds where a member is equal to the subject. PostgreSQL itself makes an array of a list of
 * constants, so that `x = ANY ('{1,2}')` is planned and run as `x IN (1, 2)` is; a long one it reads in a fifth of the
 * time, as that is one constant and not thousands.
 */
export function amongTests(subject: string, members: readonly Member[]): readonly string[] {
  const tests: string[] = []
  let rest = members
  for (const { type, isOf, elementOf } of arrays) {
    const own = rest.filter(({ literal }) => isOf(literal))
    if (own.length < minLength) continue
    const elements = own.map(({ literal }) => elementOf(String(literal)))
    tests.push(`${subject} = ANY (${quoteText(`{${elements.join(',')}}`)}::${type}[])`)
    rest = rest.filter(({ literal }) => !isOf(literal))
  }
  if (rest.length > 0) tests.push(`${subject} IN (${rest.map(({ sql }) => sql).join(', ')})`)
  return tests
}

/** How an array holds them. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
const arrays = [
  {
    type: 'bigint',
    isOf: (literal: Member['literal']): boolean => typeof literal === 'bigint',
    elementOf: (digits: string): string => digits,
  },
  {
    type: 'text',
    isOf: (literal: Member['literal']): boolean => typeof literal === 'string',
    elementOf: (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`,
  },
]
