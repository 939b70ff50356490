import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenize } from '../../src/sql/parser.ts'
import { analyze } from '../../src/sql/statement.ts'

const rewritten: [sql: string, text: string, slots: (number | string)[]][] = [
  ['SELECT ?, ?', 'SELECT $1, $2', [1, 2]],
  ['SELECT ?2, ?1, ?2, ?', 'SELECT $1, $2, $1, $3', [2, 1, 3]],
  ['SELECT ?5, ?', 'SELECT $1, $2', [5, 6]],
  ['SELECT ?01, ?1', 'SELECT $1, $1', [1]],
  ['SELECT ?, ?, ?2', 'SELECT $1, $2, $2', [1, 2]],
  ['SELECT :a, @a, $a, :a, ?', 'SELECT $1, $2, $3, $1, $4', ['a', 'a', 'a', 4]],
  ['SELECT :a, :A', 'SELECT $1, $2', ['a', 'A']],
  ["SELECT '?', \"?\", `?`, [?], 'it''s ?', ?", "SELECT '?', \"?\", `?`, [?], 'it''s ?', $1", [1]],
  ['SELECT /* ? :a */ ? -- ?\n, ?', 'SELECT /* ? :a */ $1 -- ?\n, $2', [1, 2]],
  ["SELECT x'3f', a->>'$.b', ?", "SELECT x'3f', a->>'$.b', $1", [1]],
  ['/* app */ SELECT 1;;', '/* app */ SELECT 1', []],
  ['-- one\n;; SELECT 1 ; -- two', 'SELECT 1', []],
  ['SELECT 1 WHERE 1 and?', 'SELECT 1 WHERE 1 and $1', [1]],
  ['SELECT ?a', 'SELECT $1 a', [1]],
  ["SELECT e'\\', ?", "SELECT e '\\', $1", [1]],
  ['SELECT 1 /* /* */, ?', 'SELECT 1  , $1', [1]],
  ['SELECT 1 -- a\rDELETE FROM t\n, ?', 'SELECT 1  \n, $1', [1]],
  ['SELECT a$b, ?', 'SELECT a$b, $1', [1]],
]

const fragment = fc.constantFrom(
  '?',
  '?1',
  '?12',
  ':a',
  '@b',
  '$c',
  "'?'",
  '"?"',
  '`?`',
  '[?]',
  "'a''?'",
  "x'3f'",
  '1',
  '1.5e3',
  'a',
  'é',
  'a.b',
  'e',
  "'\\'",
  '/* ? */ 2',
  '-- :a\n3',
  'count(*)',
  "b->>'$.c'",
  '(SELECT ?)',
)
const glue = fc.constantFrom(',', ' , ', '\n,\t', ' AND ', '||', '=', ' and', '/*?*/,')

function readable(sql: string): ReturnType<typeof analyze> | undefined {
  try {
    return analyze(sql)
  } catch {
    return undefined
  }
}

/** Everything but white space, comments included. */
function visible(sql: string): string[] {
  return tokenize(sql)
    .filter((token) => token.name !== 'SPACE')
    .map((token) => token.text)
}

function masked(token: string): string {
  return /^[?:@$]/.test(token) ? '?' : token
}

describe('placeholders', () => {
  test.each(rewritten)('%s', (sql, text, slots) => {
    expect(analyze(sql).postgres).toEqual({ text, slots })
  })

  test('a parameter carries the number, the name and the kind that SQLite gives it', () => {
    expect(analyze('SELECT :b, ?, ?7, @c, :b').parameters).toEqual([
      { ordinal: 1, name: 'b', kind: 'named' },
      { ordinal: 2, name: null, kind: 'anonymous' },
      { ordinal: 7, name: '7', kind: 'numbered' },
      { ordinal: 8, name: 'c', kind: 'named' },
    ])
  })

  test('nothing but the placeholders changes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fragment, glue), { minLength: 1, maxLength: 12 }), (parts) => {
        const sql = `SELECT ${parts.map((part) => part.join('')).join('')} ?9`
        const parsed = readable(`${sql} -- ?`)
        fc.pre(parsed !== undefined)
        const { text, slots } = parsed.postgres
        const after = visible(text)
        expect(after.map(masked)).toEqual(visible(sql).map(masked))
        const used = after.filter((token) => /^\$\d+$/.test(token))
        expect([...new Set(used)]).toEqual(slots.map((_, index) => `$${index + 1}`))
      }),
      { numRuns: 2000 },
    )
  })
})
