import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Lockstep } from '../api.ts'
import { prometheusType } from '../telemetry/prometheus.ts'
import { auditAnswer, quarantineAnswer, readyAnswer, statusAnswer } from './answers.ts'
import type { Feed } from './feed.ts'
import { requireOperator, type AdminEnv } from './guard.ts'
import { answer, refusals } from './responses.ts'

const truth = z.enum(['true', 'false']).default('false')
const limit = z.coerce.number().int().min(1).max(1000).default(100)

/** The routes that change nothing. */
export function addReading(app: OpenAPIHono<AdminEnv>, db: Lockstep, feed: Feed): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/status',
      summary: 'Where the move stands',
      responses: { 200: answer('As db.status().', statusAnswer), ...refusals },
    }),
    async (c) => c.json(await feed.status(), 200),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/ready',
      summary: 'Every gate of a flip with its figure',
      responses: {
        200: answer('As db.ready(), also where gates do not hold.', readyAnswer),
        ...refusals,
      },
    }),
    async (c) => c.json(await db.ready(), 200),
  )
  addRecords(app, db, feed)
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/events',
      summary: 'What happens, as server-sent events',
      description:
        'A `status` each second, each event of the library under its name, and `verify` while one runs. After a lost connection Last-Event-ID goes on where it was; `gap` says how many events are gone.',
      request: { headers: z.object({ 'last-event-id': z.string().optional() }) },
      responses: {
        200: {
          description: 'A stream without an end.',
          content: { 'text/event-stream': { schema: z.string() } },
        },
        ...refusals,
      },
    }),
    (c) => feed.streams.create(c.req.header('last-event-id'), c.req.raw.signal),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/metrics',
      summary: 'Metrics as Prometheus reads them',
      responses: {
        200: {
          description: 'docs/metrics.md lists them.',
          content: { 'text/plain': { schema: z.string() } },
        },
        ...refusals,
      },
    }),
    async (c) => c.text(await db.metrics(), 200, { 'Content-Type': prometheusType }),
  )
}

function addRecords(app: OpenAPIHono<AdminEnv>, db: Lockstep, feed: Feed): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/quarantine',
      summary: 'Rows that the secondary cannot hold',
      request: { query: z.object({ limit, keys: truth }) },
      responses: {
        200: answer('The oldest first; an operator may ask for their keys.', quarantineAnswer),
        ...refusals,
      },
    }),
    async (c) => {
      const { limit, keys } = c.req.valid('query')
      if (keys === 'true') requireOperator(c, 'The keys of rows')
      const [rows, { quarantine }] = await Promise.all([db.quarantine({ limit }), feed.status()])
      const shown = rows.map((row) => ({ ...row, key: keys === 'true' ? row.key : null }))
      return c.json({ total: Math.max(quarantine, rows.length), rows: shown }, 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit',
      summary: 'Who did what',
      request: {
        query: z.object({ limit, before: z.coerce.number().int().min(1).optional() }),
      },
      responses: { 200: answer('The newest first.', auditAnswer), ...refusals },
    }),
    async (c) => {
      const { limit, before } = c.req.valid('query')
      const entries = await db.audit(before === undefined ? { limit } : { limit, before })
      return c.json({ entries }, 200)
    },
  )
}
