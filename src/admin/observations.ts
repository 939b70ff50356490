import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Lockstep } from '../api.ts'
import { isLockstepError } from '../core/errors.ts'
import { count, shadowCounts } from './answers.ts'
import type { Feed } from './feed.ts'
import type { AdminEnv } from './guard.ts'
import { answer, refusals } from './responses.ts'

const statements = z
  .object({
    statements: z.array(z.looseObject({})),
    shadow: shadowCounts,
  })
  .openapi('Statements')
const divergences = z
  .object({
    total: count,
    divergences: z.array(
      z.looseObject({
        id: z.string(),
        state: z.enum(['open', 'resolved', 'ignored']),
        atMs: count,
        table: z.string().nullable(),
        class: z.string(),
        fingerprint: z.string(),
        rows: count,
        seen: count,
      }),
    ),
  })
  .openapi('Divergences')

/** What shadow reads have shown; neither statements nor keys, which may hold values. */
export function addObservations(app: OpenAPIHono<AdminEnv>, db: Lockstep, { status }: Feed): void {
  const seen = async (): Promise<Record<string, unknown>[]> => {
    const all = await db.statements().catch(nothingYet)
    return all.map(({ statement: _statement, reason: _reason, ...figures }) => figures)
  }
  const listed = async (): Promise<object[]> => {
    const all = await db.divergences().catch(nothingYet)
    return all.map(({ id, state, class: kind, fingerprint, rows, seen, ...one }) => {
      const table = one.evidence[0]?.rows[0]?.table ?? one.tables[0] ?? null
      return { id, state, class: kind, fingerprint, rows, seen, atMs: one.lastAtMs, table }
    })
  }
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/statements',
      summary: 'What shadow reads have shown of statements',
      responses: {
        200: answer(
          'The statements without their texts; the counts are of this process.',
          statements,
        ),
        ...refusals,
      },
    }),
    async (c) =>
      c.json({ statements: await seen(), shadow: (await status()).counters.shadow }, 200),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/divergences',
      summary: 'Confirmed differences of reads',
      responses: {
        200: answer('Those that are kept, the newest first.', divergences),
        ...refusals,
      },
    }),
    async (c) => c.json({ total: (await status()).divergences, divergences: await listed() }, 200),
  )
}

/** Before install there is nothing to list. */
function nothingYet(error: unknown): [] {
  if (isLockstepError(error, 'NOT_INSTALLED')) return []
  throw error
}
