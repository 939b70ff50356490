import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Status } from '../api.ts'
import { messageOf } from '../core/errors.ts'
import { within } from '../core/wait.ts'
import type { Feed } from './feed.ts'
import type { AdminEnv } from './guard.ts'
import { answer } from './responses.ts'

/** A load balancer gives up sooner than PostgreSQL's connection timeout. */
const patienceMs = 2000

const health: z.ZodType<{ status: 'ok' }> = z.object({ status: z.literal('ok') }).openapi('Health')
const readiness: z.ZodType<{ ready: boolean; reason: string | null }> = z
  .object({ ready: z.boolean(), reason: z.string().nullable() })
  .openapi('Serving')

/** For load balancers and orchestrators, which have no token: nothing of the data is in the answers. */
export function addHealth(app: OpenAPIHono<AdminEnv>, { status }: Feed): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      summary: 'The process runs',
      security: [],
      responses: { 200: answer('It does.', health) },
    }),
    (c) => c.json({ status: 'ok' } as const, 200),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      summary: 'The primary answers, so that reads and writes can be served',
      security: [],
      responses: { 200: answer('They can.', readiness), 503: answer('They cannot.', readiness) },
    }),
    async (c) => {
      const reason = await within(patienceMs, status()).then(unservable, messageOf)
      return reason === null
        ? c.json({ ready: true, reason }, 200)
        : c.json({ ready: false, reason }, 503)
    },
  )
}

/** While SQLite is the primary the application is served without PostgreSQL. */
function unservable({ primary, postgres }: Status): string | null {
  return primary === 'postgres' && !postgres.reachable ? 'PostgreSQL does not answer' : null
}
