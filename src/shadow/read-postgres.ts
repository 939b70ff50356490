import { checkPlan, runOnPostgres, type PostgresPlan } from '../postgres/statements.ts'
import type { PostgresClient, RunContext } from '../postgres/statements.ts'
import type { PreparedTranslation } from '../postgres/prepared-translation.ts'
import { decodersOf, type Decode } from '../sql/decode-row.ts'
import type { Row } from '../values/value.ts'
import type { PostgresAnswer } from './trial.ts'

const exactDecoders = new WeakMap<PreparedTranslation, Decode[]>()

/**
 * Runs a read of the application's for its rows with exact values: integers are bigints whatever the application
 * has chosen.
 */
export async function readOnPostgres(
  client: PostgresClient,
  plan: PostgresPlan,
  args: readonly unknown[],
  context: RunContext,
): Promise<PostgresAnswer> {
  await checkPlan(client, plan)
  let bound: PreparedTranslation | undefined
  const exact: PostgresPlan = {
    statement: plan.statement,
    bind(given, facts) {
      const own = plan.bind(given, facts)
      bound = own.prepared
      return { ...own, prepared: { ...bound, decoders: exactOf(bound) } }
    },
  }
  const begun = performance.now()
  const rows = (await runOnPostgres(client, exact, 'values', args, context)) as Row[]
  const ms = performance.now() - begun
  return { names: bound?.names ?? [], rows, order: bound?.translation.order ?? 'none', ms }
}

function exactOf(prepared: PreparedTranslation): Decode[] {
  const known = exactDecoders.get(prepared)
  if (known !== undefined) return known
  const decoders = decodersOf(prepared.translation.columns, true)
  exactDecoders.set(prepared, decoders)
  return decoders
}
