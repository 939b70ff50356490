import { planOf, runContext } from '../../support/statements.ts'
import { encodeSlot } from '../../../src/sql/encode-slot.ts'
import type { Queries } from './queries.ts'

/** PostgreSQL's plan, where it can help it without scans of whole tables and without sorting. */
export async function explain(
  { client, source }: Queries,
  sql: string,
  params: readonly unknown[],
): Promise<string> {
  const bound = planOf(sql, source).bind(params, runContext({ safeIntegers: true }))
  const [step] = bound.prepared.steps
  const values = (step?.slots ?? []).map((slot) =>
    encodeSlot(slot, bound.values[slot.parameter - 1], String),
  )
  // What matters is that the index can be used at all; whether it pays is up to the rows.
  await client.query('SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off')
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN ${step?.text ?? ''}`,
    values,
  )
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}
