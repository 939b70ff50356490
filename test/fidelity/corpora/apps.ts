import { readFileSync } from 'node:fs'
import { analyze } from '../../../src/sql/statement.ts'
import { sharedData } from '../../support/data.ts'
import { Base } from '../base.ts'
import { statementsOf } from '../case.ts'
import { Score } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'
import { Twin } from '../twin.ts'

interface Entry {
  readonly app: string
  readonly kind: 'schema' | 'query'
  readonly id?: string
  readonly sql: string
}

/**
 * Schemas and statements of five applications: each schema is carried over, each statement runs on the
 * empty tables of both places, with NULL for its parameters. @param every runs one query of so many
 */
export async function runApplications(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  { every = 1 }: { every?: number } = {},
): Promise<Score | null> {
  const path = sharedData('apps.jsonl')
  if (path === null) return null
  const entries = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
  const score = new Score()
  for (const schema of entries.filter(({ kind }) => kind === 'schema')) {
    const queries = entries.filter(({ kind, app }) => kind === 'query' && app === schema.app)
    await server.renew()
    await using base = await Base.open(server, statementsOf([schema.sql]))
    for (const [index, { id, sql }] of queries.entries()) {
      if (index % every !== 0) continue
      const twin = await Twin.open(server, { makeTranslator, base })
      try {
        for (const statement of statementsOf([sql])) {
          const { outcome, kind } = await twin.run(statement, argumentsFor(statement))
          if (outcome === null || kind === 'ddl') score.leaveOut(kind)
          else score.add(id ?? schema.app, statement, outcome)
        }
      } finally {
        await twin.close()
      }
    }
  }
  return score
}

function argumentsFor(sql: string): unknown[] {
  try {
    const { parameters } = analyze(sql)
    const named = parameters.flatMap(({ name }) => (name === null ? [] : [[name, null] as const]))
    const rest = parameters.filter(({ name }) => name === null).map(() => null)
    return named.length === 0 ? [...rest] : [Object.fromEntries(named), ...rest]
  } catch {
    return []
  }
}
