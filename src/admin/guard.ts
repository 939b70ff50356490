import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Authorize, Role } from './access.ts'
import { RequestProblem } from './problem.ts'
import { sleep } from '../core/wait.ts'
import { createRateLimit, type Rate } from './rate-limit.ts'

/** What the middleware leaves for the routes. */
export interface AdminEnv {
  Variables: { role: Role }
}

/** No change has a body that comes near it: flags of a thousand tables have some 30 kB. */
export const maxBodyBytes: number = 64 * 1024

/**
 * What a browser may do with an answer: nothing but show it. The page has its own policy, as it runs a script.
 * https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
 */
export const secureHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  const { headers } = c.res
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('X-Frame-Options', 'DENY')
  headers.set('Referrer-Policy', 'no-referrer')
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  headers.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=()')
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  if (!headers.has('Content-Security-Policy'))
    headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
}

/**
 * Refuses what a page of another site made a browser send. The token in a header, which no page can add,
 * is what protects; this also keeps strangers from asking at all.
 */
export const sameOrigin: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('origin')
  const host = c.req.header('host') ?? new URL(c.req.url).host
  const isForeign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
  if (isForeign || c.req.header('sec-fetch-site') === 'cross-site')
    throw new RequestProblem(403, 'FOREIGN_ORIGIN', 'Requests of pages of other sites are refused')
  await next()
}

/**
 * Who is refused at once asks at once again: an answer that comes late is what slows such a client down. It comes
 * after one to two of these, so that many who were refused together do not come back together.
 */
const refusedAfterMs = 1000
/** So many are kept waiting for their refusal; others get it at once. */
const maxHeld = 1000

/** Refuses a caller that asks too often; a caller is an address where the server knows it. */
export function limitRate(rate: Rate): MiddlewareHandler {
  const limit = createRateLimit(rate)
  let held = 0
  return async (c, next) => {
    if (!limit.take(addressOf(c))) {
      if (held < maxHeld) {
        held++
        await sleep(refusedAfterMs * (1 + Math.random()))
        held--
      }
      c.header('Retry-After', '1')
      throw new RequestProblem(429, 'TOO_MANY_REQUESTS', 'Too many requests: try again in a second')
    }
    await next()
  }
}

/** Lets through who has a token. */
export function requireRole(authorize: Authorize): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const role = await authorize(c.req.raw)
    if (role === null) {
      c.header('WWW-Authenticate', 'Bearer realm="lockstep"')
      throw new RequestProblem(
        401,
        'UNAUTHORIZED',
        'A token is needed: Authorization: Bearer TOKEN. docs/guides/admin.md says where it is kept',
      )
    }
    c.set('role', role)
    await next()
  }
}

/** @throws RequestProblem 403 for a reader */
export function requireOperator(c: Context<AdminEnv>, what: string): void {
  if (c.get('role') === 'operator') return
  throw new RequestProblem(403, 'FORBIDDEN', `${what} needs the token of an operator`)
}

/** For changes: an operator, and a body that is JSON and of a sane size, or none. */
export const requireChange: MiddlewareHandler<AdminEnv>[] = [
  async (c, next) => {
    requireOperator(c, 'A change')
    const type = c.req.header('content-type')
    const isEmpty = c.req.raw.body === null || c.req.header('content-length') === '0'
    if (type === undefined ? !isEmpty : !/^application\/json\s*(;|$)/i.test(type))
      throw new RequestProblem(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json')
    await next()
  },
  bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new RequestProblem(413, 'TOO_LARGE', `A body has at most ${maxBodyBytes} bytes`)
    },
  }),
]

/** `@hono/node-server` gives the socket; another server, and a test, may not. */
function addressOf({ env }: Context): string {
  const bindings = env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined
  return bindings?.incoming?.socket?.remoteAddress ?? 'unknown'
}
