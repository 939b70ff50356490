import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

export const integers: Arbitrary<string> = fc.constantFrom(
  '0',
  '1',
  '2',
  '-1',
  '3',
  '5',
  '7',
  '10',
  '100',
  '-7',
  '9007199254740993',
)
export const reals: Arbitrary<string> = fc.constantFrom(
  '0.5',
  '1.0',
  '2.5',
  '-2.5',
  '1e3',
  '0.1',
  '3.0',
  '-0.5',
)
export const texts: Arbitrary<string> = fc.constantFrom(
  "'a'",
  "''",
  "'apple'",
  "'Red'",
  "'10'",
  "'3.5'",
  "'abc'",
  "'É'",
  "'x''y'",
  "'2024-01-15'",
  "' 5 '",
)
export const patterns: Arbitrary<string> = fc.constantFrom(
  "'a%'",
  "'%'",
  "'_'",
  "'%e'",
  "'A%'",
  "'r_d'",
  "'%1%'",
  "''",
  "'É%'",
)

export const jsonTexts: Arbitrary<string> = fc.constantFrom(
  `'{"a":1}'`,
  `'[1,"x",null]'`,
  `'{"a":null,"d":{"e":[2.5]}}'`,
  `'"s"'`,
  `'5'`,
  `'null'`,
)
export const jsonPaths: Arbitrary<string> = fc.constantFrom(
  "'$.a'",
  "'$.b[0]'",
  "'$.d.e'",
  "'$[1]'",
  "'$[#-1]'",
  "'$.new'",
  "'$'",
)
export const modifiers: Arbitrary<string> = fc.constantFrom(
  '+1 day',
  '-1 month',
  '+1 year',
  'start of year',
  'start of day',
  '-36 hours',
  'weekday 1',
  '+1.5 days',
)
