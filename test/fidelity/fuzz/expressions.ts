import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { integers, jsonPaths, jsonTexts, modifiers, patterns, reals, texts } from './literals.ts'
import type { FuzzColumn } from './tables.ts'

/** A column that an expression may name, as it is written there. */
export interface Named extends FuzzColumn {
  readonly sql: string
}

/** Expressions over some columns. The first alternative of each choice is the simplest, so that shrinking ends there. */
export interface Expressions {
  /** What is INTEGER or NULL. */
  readonly integer: Arbitrary<string>
  readonly number: Arbitrary<string>
  readonly text: Arbitrary<string>
  readonly json: Arbitrary<string>
  readonly condition: Arbitrary<string>
  readonly any: Arbitrary<string>
}

const list = (items: readonly string[]): Arbitrary<string> =>
  items.length === 0 ? fc.constant('NULL') : fc.constantFrom(...items)

/** @param maxDepth how deep operators may nest */
export function expressions(columns: readonly Named[], maxDepth: number = 2): Expressions {
  const named = (...classes: readonly FuzzColumn['class'][]): Arbitrary<string> =>
    list(columns.filter((column) => classes.includes(column.class)).map(({ sql }) => sql))
  const depth = { maxDepth, depthIdentifier: fc.createDepthIdentifier(), withCrossShrink: true }
  return fc.letrec<Record<keyof Expressions, string>>((tie) => {
    const [integer, number, text, json, condition, any] = [
      tie('integer'),
      tie('number'),
      tie('text'),
      tie('json'),
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
      integer: fc.oneof(
        depth,
        { weight: 2, arbitrary: integers },
        { weight: 6, arbitrary: named('integer', 'boolean') },
        fc
          .tuple(integer, fc.constantFrom('+', '-', '*', '/', '%', '&', '|'), integer)
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        any.map((a) => `CAST(${a} AS INTEGER)`),
        text.map((a) => `length(${a})`),
        fc.tuple(text, text).map(([a, b]) => `instr(${a}, ${b})`),
        json.map((a) => `json_array_length(${a})`),
        condition.map((c) => `(${c})`),
        fc
          .tuple(fc.constantFrom('coalesce', 'ifnull', 'max', 'nullif'), integer, integer)
          .map(([f, a, b]) => `${f}(${a}, ${b})`),
        named('time').map((a) => `unixepoch(${a})`),
        named('integer').map((a) => `unixepoch(${a}, 'unixepoch', '+1 hour')`),
      ),
      json: fc.oneof(
        depth,
        { weight: 4, arbitrary: named('json') },
        { weight: 2, arbitrary: jsonTexts },
        fc.array(any, { maxLength: 2 }).map((list) => `json_array(${list.join(', ')})`),
        any.map((a) => `json_object('k', ${a}, 'l', 1)`),
        fc
          .tuple(
            fc.constantFrom('json_set', 'json_insert', 'json_replace'),
            json,
            jsonPaths,
            fc.oneof(number, text, json),
          )
          .map(([f, a, path, value]) => `${f}(${a}, ${path}, ${value})`),
        fc.tuple(json, jsonPaths).map(([a, path]) => `json_remove(${a}, ${path})`),
        fc.tuple(json, jsonTexts).map(([a, b]) => `json_patch(${a}, ${b})`),
        json.map((a) => `json(${a})`),
      ),
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
        integer,
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
          .tuple(json, jsonPaths)
          .chain(([a, path]) =>
            fc.constantFrom(
              `json_type(${a}, ${path})`,
              `json_extract(${a}, ${path})`,
              `${a} ->> ${path}`,
            ),
          ),
        fc
          .tuple(named('integer'), fc.constantFrom('date', 'time', 'datetime'))
          .map(([a, f]) => `${f}(${a}, 'unixepoch')`),
        fc
          .tuple(
            named('time'),
            fc.constantFrom('%d/%m/%Y', '%Y-W%W', '%H:%M', '%f', '%J', '%I %p', '%e', '%U'),
            modifiers,
          )
          .map(([a, f, m]) => `strftime('${f}', ${a}, '${m}')`),
        fc.tuple(any, any, text).map(([a, b, c]) => `concat_ws(${c}, ${a}, ${b})`),
        fc.tuple(any, any).map(([a, b]) => `concat(${a}, ${b})`),
        fc
          .tuple(text, texts)
          .chain(([a, b]) =>
            fc.constantFrom(`trim(${a}, ${b})`, `ltrim(${a}, ${b})`, `rtrim(${a}, ${b})`),
          ),
        text.map((a) => `json_quote(${a})`),
        fc
          .tuple(any, any, text, text)
          .map(([a, b, c, d]) => `CASE ${a} WHEN ${b} THEN ${c} ELSE ${d} END`),
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
        fc
          .tuple(
            text,
            fc.constantFrom('=', '<', '>='),
            text,
            fc.constantFrom('NOCASE', 'RTRIM', 'BINARY'),
          )
          .map(([a, op, b, collation]) => `${a} ${op} ${b} COLLATE ${collation}`),
        fc
          .tuple(any, any, fc.constantFrom('=', '<', '>=', '<>', 'IS'), any, any)
          .map(([a, b, op, c, d]) => `(${a}, ${b}) ${op} (${c}, ${d})`),
        fc
          .tuple(text, fc.constantFrom("'a!%' ESCAPE '!'", "'%!_%' ESCAPE '!'"))
          .map(([a, pattern]) => `${a} LIKE ${pattern}`),
        fc
          .tuple(text, fc.constantFrom("'[a-c]*'", "'*[^0-9]'", "'?p*'", "'*'"))
          .map(([a, pattern]) => `${a} GLOB ${pattern}`),
        fc.tuple(text, text, text).map(([a, b, c]) => `${a} NOT BETWEEN ${b} AND ${c}`),
        json.map((a) => `json_valid(${a})`),
        number,
      ),
      any: fc.oneof(
        depth,
        number,
        text,
        fc.constant('NULL'),
        named('numeric', 'blob', 'text', 'integer', 'real', 'boolean', 'time'),
        fc.constantFrom("x''", "x'61'", "x'C389'", "x'3132'", "x'00FF'"),
      ),
    }
  })
}
