import type { createAdmin } from '../../src/admin/admin.ts'

export const tokens = { operator: 'operator-token-for-tests', reader: 'reader-token-for-tests' }

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** Sends requests to an admin server in this process, as the operator unless another token is given. */
export function callerOf(
  app: ReturnType<typeof createAdmin>,
): (method: string, path: string, body?: unknown, token?: string) => Promise<Answered> {
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
