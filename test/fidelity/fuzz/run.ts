import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { Base } from '../base.ts'
import { statementsOf } from '../case.ts'
import { Score, type Outcome } from '../outcome.ts'
import type { MakeTranslator } from '../postgres-side.ts'
import type { FidelityServer } from '../server.ts'
import { Twin } from '../twin.ts'
import { changes, parameterised, type Generated } from './changes.ts'
import { queries } from './queries.ts'
import { fuzzSchema } from './tables.ts'

export const generated: Arbitrary<Generated> = fc.oneof(
  { weight: 7, arbitrary: queries.map((sql) => ({ sql, args: [] })) },
  { weight: 1, arbitrary: parameterised },
  { weight: 3, arbitrary: changes },
)

/** How many failing statements of one cause are made small; the others are counted. */
const shrunkPerCause = 3
const statementsPerConnection = 2000

/** One statement from the state of `fuzzSchema`. */
async function judge(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  base: Base,
  { sql, args }: Generated,
): Promise<Outcome> {
  const twin = await Twin.open(server, { makeTranslator, base })
  try {
    const { outcome } = await twin.run(sql, args)
    return outcome ?? { verdict: 'unclear', cause: 'not compared', detail: sql }
  } finally {
    await twin.close()
  }
}

/**
 * Runs generated statements, each from the same state. Statement n is the one that fast-check makes of
 * seed + n, so a find is replayed by that number alone; it is also made small.
 */
export async function fuzz(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  { seed, runs }: { seed: number; runs: number },
): Promise<Score> {
  const score = new Score()
  const shrunk = new Map<string, number>()
  for (let start = 0; start < runs; start += statementsPerConnection) {
    await server.renew()
    await using base = await Base.open(server, statementsOf([fuzzSchema]))
    const end = Math.min(runs, start + statementsPerConnection)
    for (let run = start; run < end; run += 1) {
      const [first] = fc.sample(generated, { seed: seed + run, numRuns: 1, unbiased: true }) as [
        Generated,
      ]
      const outcome = await judge(server, makeTranslator, base, first)
      const known = shrunk.get(outcome.cause) ?? 0
      const isFailure = outcome.verdict === 'different' || outcome.verdict === 'unclear'
      if (!isFailure || known >= shrunkPerCause) {
        score.add(`seed ${seed + run}`, textOf(first), outcome)
        continue
      }
      shrunk.set(outcome.cause, known + 1)
      const small = await shrink(seed + run, outcome, (statement) =>
        judge(server, makeTranslator, base, statement),
      )
      score.add(`seed ${seed + run}`, textOf(small.statement), small.outcome)
    }
  }
  return score
}

interface Small {
  readonly statement: Generated
  readonly outcome: Outcome
}

/** The smallest statement that fails in the same way. */
async function shrink(
  seed: number,
  first: Outcome,
  judgeOne: (statement: Generated) => Promise<Outcome>,
): Promise<Small> {
  let outcome = first
  const property = fc.asyncProperty(generated, async (statement) => {
    const found = await judgeOne(statement)
    if (found.verdict !== first.verdict || found.cause !== first.cause) return true
    outcome = found
    return false
  })
  const { counterexample } = await fc.check(property, {
    seed,
    numRuns: 1,
    unbiased: true,
    interruptAfterTimeLimit: 5000,
  })
  const statement = counterexample?.[0]
  if (statement === undefined) throw new Error(`seed ${seed} does not fail a second time`)
  return { statement, outcome }
}

/** The statement as it can be run again, with its values. */
function textOf({ sql, args }: Generated): string {
  if (args.length === 0) return sql
  const values = args.map((value) => {
    if (typeof value === 'bigint') return `${value}n`
    return Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : JSON.stringify(value)
  })
  return `${sql} -- [${values.join(', ')}]`
}
