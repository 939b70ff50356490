import { describe, expect, test } from 'vitest'
import { fitOverride, type OverrideText } from '../../../src/sql/overrides/override.ts'
import { createOverrides } from '../../../src/sql/overrides/overrides.ts'
import { analyze } from '../../../src/sql/statement.ts'

function fit(sqlite: string, postgres: string): OverrideText {
  return fitOverride(analyze(sqlite), { fingerprint: 'f', sqlite, postgres, reason: null })
}

describe('an override', () => {
  test.each([
    // Dollar signs and colons that are no placeholders.
    ['$1::text', "SELECT '$2 :b', E'\\'$2', $$ :b $2 $$, $q$ $$ :b $q$, \"$2\", x$2, :a::text"],
    [
      'comments hold no placeholders',
      'SELECT /* $2 /* :b */ :b */ -- $2 :b\n a::text FROM t WHERE b = :a::text',
    ],
    ['slices keep their colon', 'SELECT (ARRAY[1,2])[1 : 2]::text, CAST(:a AS text)'],
  ])('finds its placeholders as PostgreSQL does (%s)', (_, postgres) => {
    const { text, slots } = fit('SELECT :a', postgres)
    expect(text).toBe(postgres.replace(/:a\b/, '$1'))
    expect(slots).toEqual([{ parameter: 1, type: 'text', use: 'text' }])
  })

  test('numbers a parameter by SQLite, and sends it once for each type', () => {
    const { text, slots } = fit(
      'SELECT ?2, ?1',
      'SELECT $2::bigint, $1::bytea, $2 :: bigint, CAST($2 AS double precision), $1::text[], $1::my_type;',
    )
    expect(text).toBe(
      'SELECT $1::bigint, $2::bytea, $1 :: bigint, CAST($3 AS double precision), $4::text[], $5::my_type',
    )
    expect(slots.map(({ parameter, type, use }) => `${parameter} ${type} ${use}`)).toEqual([
      '2 bigint integer',
      '1 bytea value',
      '2 float8 real',
      '1 text text',
      '1 text text',
    ])
  })

  test.each([
    ['SELECT ?, ?', 'SELECT $1::text', /has 2 parameters, .* does not use \$2/],
    ['SELECT :a', 'SELECT 1', /has one parameter, .* does not use :a/],
    [
      'SELECT ?',
      'SELECT $1::text, $2::text',
      /uses \$2, and the statement has one parameter \(\$1\)/,
    ],
    ['SELECT 1', 'SELECT :x::text', /uses :x, and the statement has no parameters/],
    ['SELECT ?', 'SELECT $1', /\$1 has no type/],
    ['SELECT ?', 'SELECT $1 AS text', /\$1 has no type/],
    ['SELECT 1', 'COMMIT', /begins with "COMMIT"/],
    ['SELECT 1', 'DELETE FROM t RETURNING 1', /begins with "DELETE"/],
    ['SELECT 1', '/* SELECT */ DROP TABLE t', /begins with "DROP"/],
    ['SELECT 1', '', /begins with ""/],
    ['PRAGMA foreign_keys', 'SELECT 1', /neither reads nor writes rows/],
    ['CREATE TABLE x (a)', 'SELECT 1', /neither reads nor writes rows/],
  ])('that does not fit is refused: %s with %s', (sqlite, postgres, message) => {
    expect(() => fit(sqlite, postgres)).toThrow(
      expect.objectContaining({
        code: 'OVERRIDE_INVALID',
        message: expect.stringMatching(message),
      }),
    )
  })

  test.each([
    [[{ sqlite: 'SELEC 1', postgres: 'SELECT 1' }], /SQLite cannot read the statement/],
    [[{ sqlite: 'SELECT 1; SELECT 2', postgres: 'SELECT 1' }], /more than one statement/],
    [[{ sqlite: 'SELECT \0', postgres: 'SELECT 1' }], /NUL/],
    [[{ sqlite: 'DELETE FROM t', postgres: '-- all\n COMMIT' }], /a step of a transaction/],
    [[{ fingerprint: '0123456789abcdef', postgres: 'rollback' }], /a step of a transaction/],
    [
      [
        { sqlite: 'SELECT 1', postgres: 'SELECT 1' },
        { sqlite: 'select  1;', postgres: 'SELECT 2' },
      ],
      /the same statement has another one/,
    ],
  ])('is checked before anything runs: %j', (written, message) => {
    expect(() => createOverrides(written)).toThrow(
      expect.objectContaining({
        code: 'OVERRIDE_INVALID',
        message: expect.stringMatching(message),
      }),
    )
  })

  test('is found for the same statement in other words, and by its fingerprint', () => {
    const overrides = createOverrides([
      { sqlite: 'SELECT a FROM t WHERE b = ?', postgres: 'SELECT $1::text' },
    ])
    const [found] = overrides.list
    const statement = analyze('select a from t where b=? -- why')
    expect(overrides.of(statement)).toBe(found)
    expect(overrides.of(analyze('SELECT A FROM t WHERE b = ?'))).toBeUndefined()
    const fingerprint = found?.fingerprint ?? ''
    const byNumber = createOverrides([{ fingerprint, postgres: 'SELECT $1::text' }])
    expect(byNumber.of(statement)?.postgres).toBe('SELECT $1::text')
  })
})
