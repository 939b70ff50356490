import { readFileSync } from 'node:fs'
import { sharedData } from '../../support/data.ts'
import { Base } from '../base.ts'
import { runCase, statementsOf } from '../case.ts'
import { Score } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'

interface SqlTest {
  readonly id: string
  readonly setup: readonly string[]
  readonly stmts: readonly string[]
  readonly substitute?: boolean
}

/** Cases after which the connection is made anew. */
const casesPerConnection = 250

/**
 * Tests of SQLite's semantics, each from an empty database. What SQLite itself answers here is what is
 * compared, not what the file expects. @param every runs one of so many
 */
export async function runSqlTests(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  { every = 1 }: { every?: number } = {},
): Promise<Score | null> {
  const path = sharedData('sqltest.jsonl')
  const setupPath = sharedData('sqltest-setup.sql')
  if (path === null || setupPath === null) return null
  const setup = statementsOf([readFileSync(setupPath, 'utf8')])
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const tests = lines
    .filter((_, index) => index % every === 0)
    .map((line) => JSON.parse(line) as SqlTest)
  const score = new Score()
  const run = async (test: SqlTest, base: Base | null): Promise<void> => {
    const scripts = [...test.setup, ...test.stmts]
    const { outcome, sql, compared } = await runCase(server, makeTranslator, scripts, base)
    if (compared === 0) score.leaveOut('only schema, transactions and PRAGMA')
    else score.add(test.id, sql, outcome)
  }
  for (const [index, test] of tests.filter(({ substitute }) => substitute !== true).entries()) {
    if (index % casesPerConnection === 0) await server.renew()
    await run(test, null)
  }
  await using base = await Base.open(server, setup)
  for (const test of tests.filter(({ substitute }) => substitute === true)) await run(test, base)
  return score
}
