import { OpenAPIHono } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import type { Lockstep } from '../api.ts'
import { createTokenCheck, type Authorize, type Tokens } from './access.ts'
import { addChanging } from './changing.ts'
import { createFeed } from './feed.ts'
import { limitRate, requireRole, sameOrigin, secureHeaders, type AdminEnv } from './guard.ts'
import { addHealth } from './health.ts'
import { problemOf, RequestProblem } from './problem.ts'
import { readPage } from './page.ts'
import type { Rate } from './rate-limit.ts'
import { addObservations } from './observations.ts'
import { addReading } from './reading.ts'
import { addVerifying } from './verifying.ts'

export interface AdminOptions {
  /** Default: LOCKSTEP_ADMIN_TOKEN and LOCKSTEP_ADMIN_READ_TOKEN. Without a token nothing but health is answered. */
  readonly tokens?: Tokens
  /** In the place of tokens: who sends a request, for an application that knows its users already. */
  readonly authorize?: Authorize
  /** Requests of one address; 200 at once and 50 a second unless given. */
  readonly rate?: Rate
}

/**
 * The admin server of docs/guides/admin.md, to be mounted in an application of Hono's, or served by `serveAdmin`.
 *
 * @throws LockstepError CONFIG_INVALID for a token that is too short
 */
export function createAdmin(db: Lockstep, options: AdminOptions = {}): Hono<AdminEnv> {
  const feed = createFeed(db)
  const authorize = options.authorize ?? createTokenCheck(options.tokens ?? tokensOf(process.env))
  const app = new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.error.issues)
    },
  })
  app.onError((error, c) => {
    const { status, body } = problemOf(fromHono(error))
    return c.json(body, status)
  })
  app.notFound((c) => {
    const { status, body } = problemOf(
      new RequestProblem(404, 'NOT_FOUND', 'There is no such route'),
    )
    return c.json(body, status)
  })
  app.use(secureHeaders, sameOrigin, limitRate(options.rate ?? { burst: 200, perSecond: 50 }))
  addHealth(app, feed)
  addPage(app)
  for (const path of ['/v1/*', '/metrics']) app.use(path, requireRole(authorize))
  addReading(app, db, feed)
  addObservations(app, db, feed)
  addChanging(app, db, feed)
  addVerifying(app, db, feed)
  addDocument(app)
  return app
}

/** The page itself holds nothing of the databases: it asks for a token, as every other client has to. */
function addPage(app: OpenAPIHono<AdminEnv>): void {
  const { html, policy } = readPage()
  app.get('/', (c) => c.html(html, 200, { 'Content-Security-Policy': policy }))
}

export function tokensOf(env: Readonly<Record<string, string | undefined>>): Tokens {
  return {
    operator: env['LOCKSTEP_ADMIN_TOKEN'] || undefined,
    reader: env['LOCKSTEP_ADMIN_READ_TOKEN'] || undefined,
  }
}

/** What Hono itself refuses: a body that is no JSON. */
function fromHono(error: Error): Error {
  const { status } = error as { status?: unknown }
  return status === 400 && error.name !== 'RequestProblem'
    ? new RequestProblem(400, 'BAD_REQUEST', 'The body is not valid JSON')
    : error
}

/** Names what is wrong, and never repeats the value that was given. */
function invalid(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): RequestProblem {
  const told = issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`)
  return new RequestProblem(400, 'BAD_REQUEST', told.join('; '))
}

function addDocument(app: OpenAPIHono<AdminEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
  })
  app.doc31('/v1/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Lockstep admin', version: 'v1' },
    security: [{ token: [] }],
  })
}
