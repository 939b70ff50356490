import { readFileSync } from 'node:fs'
import { sharedData } from '../../support/data.ts'
import { Base } from '../base.ts'
import { statementsOf } from '../case.ts'
import { Score, worse } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'
import { leavesSameState, Twin } from '../twin.ts'

interface Entry {
  readonly id: string
  readonly sql: string
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>>
  /** A query of the state that the statement leaves. */
  readonly check?: string | null
  readonly check2?: string | null
}

/** The hard set: one statement each over one fixture, with parameters. */
export async function runStatements(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
): Promise<Score | null> {
  const path = sharedData('statements.json')
  const fixture = sharedData('fixture.sqlite.sql')
  if (path === null || fixture === null) return null
  const entries = JSON.parse(readFileSync(path, 'utf8')) as readonly Entry[]
  const score = new Score()
  await server.renew()
  await using base = await Base.open(server, statementsOf([readFileSync(fixture, 'utf8')]))
  for (const entry of entries) {
    const twin = await Twin.open(server, { makeTranslator, base })
    try {
      const first = await twin.run(entry.sql, argumentsOf(entry.params))
      if (first.outcome === null || first.kind === 'ddl') {
        score.leaveOut(first.kind)
        continue
      }
      let { outcome } = first
      for (const check of [entry.check, entry.check2]) {
        if (typeof check !== 'string' || !leavesSameState(outcome)) continue
        outcome = worse(outcome, (await twin.run(check)).outcome ?? outcome)
      }
      score.add(entry.id, entry.sql, outcome)
    } finally {
      await twin.close()
    }
  }
  return score
}

/** `{"$bigint": "5"}` and `{"$blob": "00FF"}` stand for what JSON does not have. */
function argumentsOf(params: Entry['params']): unknown[] {
  if (Array.isArray(params)) return params.map(valueOf)
  const named = Object.entries(params).map(([name, value]) => [name, valueOf(value)] as const)
  return named.length === 0 ? [] : [Object.fromEntries(named)]
}

function valueOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { $bigint, $blob } = value as { $bigint?: string | number; $blob?: string }
  if ($bigint !== undefined) return BigInt($bigint)
  if ($blob !== undefined) return Buffer.from($blob, 'hex')
  throw new TypeError(`a parameter is not understood: ${JSON.stringify(value)}`)
}
