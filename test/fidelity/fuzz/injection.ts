import * as fc from 'fast-check'
import { runCase } from '../case.ts'
import { Score } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'

const pieces = [
  "'",
  '"',
  '`',
  '[',
  ';',
  '--',
  '/*',
  '*/',
  '$$',
  '$1',
  '$tag$',
  '\\',
  '\\x00',
  '?',
  ':a',
  '@b',
  '%',
  '_',
  ' ',
  '\n',
  '\t',
  'é',
  '😀',
  '\u202e',
  '\u00a0',
  'select',
  'user',
  'DROP TABLE canary',
  'ctid',
  'A',
  'b',
  '1',
  '.',
  '::int',
  "E'",
  "U&'",
  'NULL',
  '{',
  '}',
  ',',
  ')',
  '(',
] as const

const text = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))

/** Names that SQLite takes: anything but the empty one, in quotes; some long ones, alike up to PostgreSQL's limit. */
const name = fc.oneof(
  { weight: 6, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc.constantFrom(`${'n'.repeat(62)}x`, `${'n'.repeat(63)}y`, 'l'.repeat(200)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'order',
      'table',
      'user',
      'primary',
      'oid',
      'xmin',
      'tableoid',
      'rowid',
    ),
  },
)

/** Any spelling of a quoted name that SQLite takes. */
const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`
const literal = (word: string): string => `'${word.replaceAll("'", "''")}'`

const scripts = fc
  .tuple(name, name, name, text, text)
  .filter(([, a, b]) => a.toLowerCase() !== b.toLowerCase())
  .map(([table, a, b, first, second]) => {
    const [t, x, y] = [quoted(table), quoted(a), quoted(b)]
    const [v, w] = [literal(first), literal(second)]
    return [
      `CREATE TABLE canary (id INTEGER PRIMARY KEY, v TEXT)`,
      `INSERT INTO canary VALUES (1, 'alive')`,
      `CREATE TABLE ${t} (${x} TEXT, ${y} TEXT)`,
      `INSERT INTO ${t} (${x}, ${y}) VALUES (${v}, ${w}), (${w}, NULL)`,
      `SELECT * FROM ${t} WHERE ${x} = ${v}`,
      `SELECT ${x} AS ${y}, ${v} || ${y} FROM ${t} AS ${x} ORDER BY 1, 2`,
      `UPDATE ${t} SET ${y} = ${v} || ${x} WHERE ${x} LIKE ${w} OR ${x} IN (${v}, ${w})`,
      `WITH ${y} AS (SELECT ${x} AS ${t} FROM ${t}) SELECT count(*), max(${t}) AS ${x} FROM ${y}`,
      `DELETE FROM ${t} WHERE ${x} = ${w} RETURNING *`,
      `SELECT * FROM canary`,
    ]
  })

const casesPerConnection = 200

/**
 * Hostile names and texts: whatever stands in them must stay a name or a text. A case whose statements are
 * not all identical is refused at worst; a syntax error of the server's would show that something got out.
 */
export async function fuzzInjection(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  { seed, runs }: { seed: number; runs: number },
): Promise<Score> {
  const score = new Score()
  for (const [index, script] of fc.sample(scripts, { seed, numRuns: runs }).entries()) {
    if (index % casesPerConnection === 0) await server.renew()
    const { outcome, sql } = await runCase(server, makeTranslator, script)
    score.add(`seed ${seed}, case ${index}`, sql, outcome)
  }
  return score
}
