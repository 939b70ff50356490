import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithData, sharedData } from '../../support/data.ts'
import { openQueries, type Queries, type Query } from './queries.ts'

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
    let same = 0
    for (const statement of all()) {
      if (!/^\s*(?:select|values|with)\b/i.test(statement.sql)) continue
      if (
        /\b(?:insert|update|delete)\b.*\b(?:into|set|from)\b/is.test(statement.sql) &&
        /^with/i.test(statement.sql)
      )
        continue
      const query = queryOf(statement)
      const expected = queries.sqlite(query)
      const actual = await queries.postgres(query)
      if ('error' in actual && actual.error === 'SQL_UNSUPPORTED')
        refused.push(`${statement.id} ${statement.sql}\n      ${actual.message}`)
      else if (JSON.stringify(strip(actual)) === JSON.stringify(strip(expected))) same += 1
      else
        different.push(
          `${statement.id} ${statement.sql}\n   S ${JSON.stringify(expected)}\n   P ${JSON.stringify(actual)}`,
        )
    }
    process.stderr.write(
      `same ${same}\nREFUSED\n${refused.join('\n')}\nDIFFERENT\n${different.join('\n')}\n`,
    )
    expect(different).toEqual([])
  })
})

function strip(answer: Awaited<ReturnType<Queries['postgres']>>): unknown {
  return 'error' in answer ? { error: answer.error } : answer
}
