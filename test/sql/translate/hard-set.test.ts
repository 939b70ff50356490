import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithData, sharedData } from '../../support/data.ts'
import { describeAnswers, isSame, openQueries, type Queries, type Query } from './queries.ts'

interface HardStatement {
  readonly id: string
  readonly cat: string
  readonly sql: string
  readonly params?: readonly unknown[] | Record<string, unknown>
}

function valueOf(param: unknown): unknown {
  const { $bigint, $blob } = (param ?? {}) as { $bigint?: string; $blob?: string }
  if ($bigint !== undefined) return BigInt($bigint)
  return $blob === undefined ? param : Buffer.from($blob, 'hex')
}

function queryOf({ sql, params = [] }: HardStatement): Query {
  // The driver takes ?NNN by name only.
  const numbered = /\?\d/.test(sql)
  if (Array.isArray(params) && numbered) {
    return [sql, Object.fromEntries(params.map((param, index) => [index + 1, valueOf(param)]))]
  }
  if (Array.isArray(params)) return [sql, ...params.map(valueOf)]
  return [sql, params]
}

describeWithData('statements.json', (path) => {
  let queries: Queries
  const all = (): HardStatement[] => JSON.parse(readFileSync(path, 'utf8')) as HardStatement[]

  beforeAll(async () => {
    queries = await openQueries(readFileSync(sharedData('fixture.sqlite.sql') ?? '', 'utf8'))
  })
  afterAll(async () => {
    await queries[Symbol.asyncDispose]()
  })

  test('every query gives what SQLite gives, or is refused', async () => {
    const different: string[] = []
    const refused: string[] = []
    for (const statement of all().filter(isQuery)) {
      const query = queryOf(statement)
      const expected = queries.sqlite(query)
      const actual = await queries.postgres(query)
      if ('error' in actual && actual.error === 'SQL_UNSUPPORTED') refused.push(statement.id)
      else if (!isSame(expected, actual) && !apart.has(statement.id)) {
        different.push(`${statement.id} ${describeAnswers(query, expected, actual)}`)
      }
    }
    process.stderr.write(`refused: ${refused.join(' ')}\n`)
    expect(different).toEqual([])
  })
})

/** What the connection knows, and values that no two runs share. */
const apart = new Set(['func-08', 'func-13', 'date-08'])

function isQuery({ sql }: HardStatement): boolean {
  return /^\s*(?:select|values|with)\b/i.test(sql) && !/\binsert into\b/i.test(sql)
}
