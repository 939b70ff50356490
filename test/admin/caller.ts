import type { createAdmin } from '../../src/admin/admin.ts'
import { describedBy } from './described.ts'

export const tokens = { operator: 'operator-token-for-tests', reader: 'reader-token-for-tests' }

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/**
 * Sends requests to an admin server in this process, as the operator unless another token is given, and holds each
 * answer against the server's own OpenAPI document.
 */
export function callerOf(
  app: ReturnType<typeof createAdmin>,
): (method: string, path: string, body?: unknown, token?: string) => Promise<Answered> {
  let asDescribed: ReturnType<typeof describedBy> | undefined
  return async (method, path, body, token = tokens.operator) => {
    const response = await app.request(path, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    asDescribed ??= await descriptionOf(app)
    if (isJson) asDescribed(method, path, response.status, JSON.parse(text))
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
    }
  }
}

/** The events of a stream, as they come. */
export async function* eventsOf(
  response: Response,
): AsyncGenerator<{ type: string; id: string | null; data: Record<string, unknown> }> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string): string | null =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
      const type = field('event')
      if (type !== null)
        yield {
          type,
          id: field('id'),
          data: JSON.parse(field('data') ?? '{}') as Record<string, unknown>,
        }
    }
  }
}

/** A server without a token describes itself to nobody, and refuses everything. */
async function descriptionOf(
  app: ReturnType<typeof createAdmin>,
): Promise<ReturnType<typeof describedBy>> {
  const headers = { authorization: `Bearer ${tokens.operator}` }
  const response = await app.request('/v1/openapi.json', { headers })
  return response.ok ? describedBy(await response.json()) : () => undefined
}
