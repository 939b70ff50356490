import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { FuzzColumn } from './tables.ts'

/** A column that an expression may name, as it is written there. */
export interface Named extends FuzzColumn {
  readonly sql: string
}

/** Expressions over some columns. The first alternative of each choice is the simplest, so that shrinking ends there. */
export interface Expressions {
  readonly number: Arbitrary<string>
  readonly text: Arbitrary<string>
  readonly condition: Arbitrary<string>
  readonly any: Arbitrary<string>
}

const integers = fc.constantFrom(
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
const reals = fc.constantFrom('0.5', '1.0', '2.5', '-2.5', '1e3', '0.1', '3.0', '-0.5')
const texts = fc.constantFrom(
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
const patterns = fc.constantFrom(
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

const list = (items: readonly string[]): Arbitrary<string> =>
  items.length === 0 ? fc.constant('NULL') : fc.constantFrom(...items)

/** @param maxDepth how deep operators may nest */
export function expressions(columns: readonly Named[], maxDepth: number = 2): Expressions {
  const named = (...classes: readonly FuzzColumn['class'][]): Arbitrary<string> =>
    list(columns.filter((column) => classes.includes(column.class)).map(({ sql }) => sql))
  const depth = { maxDepth, depthIdentifier: fc.createDepthIdentifier(), withCrossShrink: true }
  return fc.letrec<Record<keyof Expressions, string>>((tie) => {
    const [number, text, condition, any] = [
      tie('number'),
      tie('text'),
      tie('condition'),
      tie('any'),
    ]
    const comparison = fc.constantFrom(
      '=',
      '<>',
      '<',
      '<=',
      '>',
      '>=',
      '==',
      '!=',
      'IS',
      'IS NOT',
      'IS DISTINCT FROM',
    )
    return {
      number: fc.oneof(
        depth,
        { weight: 3, arbitrary: integers },
        { weight: 9, arbitrary: named('integer', 'real', 'numeric', 'boolean') },
        reals,
        fc
          .tuple(number, fc.constantFrom('+', '-', '*', '/', '%', '&', '|', '<<', '>>'), number)
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.tuple(fc.constantFrom('-', '+', '~'), number).map(([op, a]) => `(${op} ${a})`),
        fc
          .tuple(fc.constantFrom('abs', 'sign', 'round', 'ceil', 'floor'), number)
          .map(([f, a]) => `${f}(${a})`),
        fc.tuple(number, fc.constantFrom('0', '1', '2', '-1')).map(([a, n]) => `round(${a}, ${n})`),
        fc
          .tuple(fc.constantFrom('length', 'unicode', 'octet_length'), text)
          .map(([f, a]) => `${f}(${a})`),
        fc.tuple(text, text).map(([a, b]) => `instr(${a}, ${b})`),
        fc
          .tuple(any, fc.constantFrom('INTEGER', 'REAL', 'NUMERIC'))
          .map(([a, t]) => `CAST(${a} AS ${t})`),
        fc
          .tuple(fc.constantFrom('max', 'min', 'coalesce', 'ifnull', 'nullif'), number, number)
          .map(([f, a, b]) => `${f}(${a}, ${b})`),
        fc
          .tuple(condition, number, number)
          .map(([c, a, b]) => `CASE WHEN ${c} THEN ${a} ELSE ${b} END`),
        condition.map((c) => `(${c})`),
      ),
      text: fc.oneof(
        depth,
        { weight: 3, arbitrary: texts },
        { weight: 9, arbitrary: named('text', 'time') },
        fc.tuple(any, any).map(([a, b]) => `(${a} || ${b})`),
        fc
          .tuple(
            fc.constantFrom('upper', 'lower', 'trim', 'ltrim', 'rtrim', 'quote', 'hex', 'typeof'),
            any,
          )
          .map(([f, a]) => `${f}(${a})`),
        fc
          .tuple(text, fc.constantFrom('1', '0', '-2', '2, 3', '-3, 2', '0, 2', '2, -1'))
          .map(([a, n]) => `substr(${a}, ${n})`),
        fc.tuple(text, texts, texts).map(([a, b, c]) => `replace(${a}, ${b}, ${c})`),
        any.map((a) => `CAST(${a} AS TEXT)`),
        fc
          .tuple(named('json'), fc.constantFrom('$.a', '$.c', '$.b', '$.b[0]', '$', '$.d'))
          .map(([a, path]) => `json_extract(${a}, '${path}')`),
        fc
          .tuple(
            named('json'),
            fc.constantFrom('->', '->>'),
            fc.constantFrom("'$.a'", "'a'", '0', "'$.b'"),
          )
          .map(([a, op, path]) => `(${a} ${op} ${path})`),
        fc
          .tuple(fc.constantFrom('date', 'datetime', 'time'), named('time'))
          .map(([f, a]) => `${f}(${a})`),
        fc
          .tuple(
            named('time'),
            fc.constantFrom('+1 day', '-1 month', 'start of month', '+90 minutes', 'weekday 0'),
          )
          .map(([a, m]) => `datetime(${a}, '${m}')`),
        fc
          .tuple(fc.constantFrom('%Y-%m', '%s', '%w', '%j', '%H:%M:%f'), named('time'))
          .map(([f, a]) => `strftime('${f}', ${a})`),
        fc
          .tuple(fc.constantFrom('coalesce', 'ifnull', 'nullif', 'max', 'min'), text, text)
          .map(([f, a, b]) => `${f}(${a}, ${b})`),
        fc.tuple(condition, text, text).map(([c, a, b]) => `iif(${c}, ${a}, ${b})`),
        fc
          .tuple(fc.constantFrom('%d', '%s', '%.2f', '%05d', '%x'), any)
          .map(([f, a]) => `printf('${f}', ${a})`),
      ),
      condition: fc.oneof(
        depth,
        fc.tuple(number, comparison, number).map(([a, op, b]) => `${a} ${op} ${b}`),
        fc.tuple(text, comparison, text).map(([a, op, b]) => `${a} ${op} ${b}`),
        named('boolean', 'integer'),
        fc.tuple(any, comparison, any).map(([a, op, b]) => `${a} ${op} ${b}`),
        fc
          .tuple(
            any,
            fc.constantFrom(
              'IS NULL',
              'IS NOT NULL',
              'ISNULL',
              'NOTNULL',
              'IS TRUE',
              'IS NOT FALSE',
            ),
          )
          .map(([a, op]) => `${a} ${op}`),
        fc
          .tuple(condition, fc.constantFrom('AND', 'OR'), condition)
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        condition.map((a) => `NOT (${a})`),
        fc
          .tuple(text, fc.constantFrom('LIKE', 'NOT LIKE', 'GLOB'), patterns)
          .map(([a, op, b]) => `${a} ${op} ${b}`),
        fc.tuple(number, number, number).map(([a, b, c]) => `${a} BETWEEN ${b} AND ${c}`),
        fc
          .tuple(any, fc.constantFrom('IN', 'NOT IN'), fc.array(any, { maxLength: 3 }))
          .map(([a, op, b]) => `${a} ${op} (${b.join(', ')})`),
        fc.tuple(text, text).map(([a, b]) => `${a} = ${b} COLLATE NOCASE`),
        number,
      ),
      any: fc.oneof(
        depth,
        number,
        text,
        fc.constant('NULL'),
        named('numeric', 'blob', 'text', 'integer', 'real', 'boolean', 'time'),
        fc.constantFrom("x'00FF'", "x''", "x'61'"),
      ),
    }
  })
}
