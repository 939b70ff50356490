import { describe, expect, test } from 'vitest'
import { fingerprintOf, normalizeStatement } from '../../../src/sql/overrides/fingerprint.ts'

const base = "SELECT a, 'it''s' FROM t WHERE b = ? AND c < 10"

describe('the fingerprint of a statement', () => {
  test.each([
    ['white space', "SELECT a,\n  'it''s'\tFROM t WHERE b=? AND c<10"],
    ['comments', "SELECT a, /* x */ 'it''s' FROM t -- y\nWHERE b = ? AND c < 10"],
    ['the case of keywords', "select a, 'it''s' From t where b = ? and c < 10"],
    ['semicolons behind it', `${base} ; ;`],
    ['a byte order mark', `\uFEFF${base}`],
  ])('does not see %s', (_, sql) => {
    expect(fingerprintOf(sql)).toBe(fingerprintOf(base))
  })

  test.each([
    ['a literal', "SELECT a, 'it''s' FROM t WHERE b = ? AND c < 11"],
    ['the case of a text', "SELECT a, 'IT''s' FROM t WHERE b = ? AND c < 10"],
    ['white space in a text', "SELECT a, 'it''s ' FROM t WHERE b = ? AND c < 10"],
    ['a name', "SELECT a, 'it''s' FROM u WHERE b = ? AND c < 10"],
    ['a quoted name', `SELECT "a", 'it''s' FROM t WHERE b = ? AND c < 10`],
    ['a placeholder', "SELECT a, 'it''s' FROM t WHERE b = :b AND c < 10"],
    ['the end of a name', "SELECT a, 'it''s' FROM t WHEREb = ? AND c < 10"],
  ])('sees %s', (_, sql) => {
    expect(fingerprintOf(sql)).not.toBe(fingerprintOf(base))
  })

  test('two tokens that only a comment parts stay two', () => {
    expect(normalizeStatement('SELECT/**/a')).toBe('SELECT a')
    expect(normalizeStatement("SELECT x'AB', current_timestamp")).toBe(
      "SELECT x'AB' , CURRENT_TIMESTAMP",
    )
  })
})
