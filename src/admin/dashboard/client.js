/** The server beside this page, however it is mounted. */
const base = location.pathname.endsWith('/') ? location.pathname : `${location.pathname}/`

/** A refusal, in the server's own words. */
export class Refusal extends Error {
  constructor(status, { code = 'UNEXPECTED', message = 'An unexpected answer' } = {}) {
    super(`${message} (${code})`)
    this.status = status
  }
}

export function createClient(token) {
  const headers = { authorization: `Bearer ${token}` }
  const send = async (path, init = {}) => {
    const response = await fetch(base + path, { ...init, headers: { ...headers, ...init.headers } })
    if (response.ok) return response
    const body = await response.json().catch(() => ({}))
    throw new Refusal(response.status, body.error)
  }
  return {
    get: async (path) => (await send(path)).json(),
    text: async (path) => (await send(path)).text(),
    change: async (method, path, body) =>
      (
        await send(path, {
          method,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json(),
    /** Events until the connection ends; EventSource cannot send a token. */
    async *events(lastId) {
      const response = await send(
        'v1/events',
        lastId ? { headers: { 'last-event-id': lastId } } : {},
      )
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        text += value
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const fields = new Map(
            text
              .slice(0, end)
              .split('\n')
              .map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 2)]),
          )
          text = text.slice(end + 2)
          if (fields.has('event'))
            yield {
              type: fields.get('event'),
              id: fields.get('id'),
              data: JSON.parse(fields.get('data')),
            }
        }
      }
    },
  }
}
