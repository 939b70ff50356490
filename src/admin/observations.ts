import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Lockstep } from '../api.ts'
import type { Feed } from './feed.ts'
import type { AdminEnv } from './guard.ts'
import { answer, refusals } from './responses.ts'

/** Of so many divergences a process remembers when they were, and of which table. */
const maxRemembered = 100

const count = z.number().int().min(0)
const statements = z
  .object({
    statements: z.array(z.looseObject({})),
    shadow: z.object({
      runs: count,
      equal: count,
      transient: count,
      divergent: count,
      dropped: count,
    }),
  })
  .openapi('Statements')
const divergences = z
  .object({
    total: count,
    divergences: z.array(
      z.looseObject({ atMs: count, table: z.string().nullable(), class: z.string() }),
    ),
  })
  .openapi('Divergences')

/**
 * What shadow reads have shown. The library counts them and tells each divergence as an event; single
 * statements it does not list, so neither does the answer.
 */
export function addObservations(app: OpenAPIHono<AdminEnv>, db: Lockstep, { status }: Feed): void {
  const remembered: { atMs: number; table: string | null; class: string }[] = []
  db.on('divergence', ({ table, class: kind }) => {
    remembered.unshift({ atMs: Date.now(), table, class: kind })
    remembered.length = Math.min(remembered.length, maxRemembered)
  })
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/statements',
      summary: 'What shadow reads have shown of statements',
      responses: { 200: answer('Counts of this process.', statements), ...refusals },
    }),
    async (c) => c.json({ statements: [], shadow: (await status()).counters.shadow }, 200),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/divergences',
      summary: 'Confirmed differences of reads',
      responses: {
        200: answer('Those of this process, the newest first.', divergences),
        ...refusals,
      },
    }),
    async (c) => c.json({ total: (await status()).divergences, divergences: remembered }, 200),
  )
}
