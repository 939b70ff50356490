import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdmin } from '../../src/admin/admin.ts'
import { maxStreams } from '../../src/admin/event-stream.ts'
import { createRateLimit } from '../../src/admin/rate-limit.ts'
import { serveAdmin, type AdminServer } from '../../src/admin/serve.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { callerOf, tokens } from './caller.ts'

let pair: Pair
let server: AdminServer
const rate = { burst: 100_000, perSecond: 100_000 }

beforeAll(async () => {
  pair = await openPair({ schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)` })
  server = await serveAdmin(pair.db, { host: '127.0.0.1', port: 0, tokens, rate })
})
afterAll(async () => {
  await server.close()
  await pair.close()
})

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

function send(path: string, init: RequestInit = {}, token = tokens.operator): Promise<Response> {
  const { headers } = init
  return fetch(new URL(path, server.url), {
    ...init,
    headers: { ...bearer(token), ...(headers as Record<string, string>) },
  })
}

/** Bytes as they are, and what comes back until the server closes or `ms` are over. */
function raw(bytes: string, ms = 2000): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    const end = (): void => (socket.destroy(), resolve(answer))
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('close', end)
    socket.on('error', end)
    setTimeout(end, ms)
    socket.write(bytes)
  })
}

const routes = [
  ['GET', '/v1/status'],
  ['GET', '/v1/ready'],
  ['GET', '/v1/statements'],
  ['GET', '/v1/divergences'],
  ['GET', '/v1/quarantine'],
  ['GET', '/v1/audit'],
  ['GET', '/v1/events'],
  ['GET', '/v1/openapi.json'],
  ['GET', '/metrics'],
  ['PATCH', '/v1/flags'],
  ['POST', '/v1/flip'],
  ['POST', '/v1/rollback'],
  ['POST', '/v1/verify'],
  ['POST', '/v1/repair'],
] as const

describe('without a good token', () => {
  test.each(routes)('%s %s answers 401 and nothing else', async (method, path) => {
    const wrong = [
      {},
      bearer('x'),
      bearer(`${tokens.operator}x`),
      bearer(tokens.operator.slice(0, -1)),
      { authorization: tokens.operator },
      { authorization: `Basic ${btoa(tokens.operator)}` },
      { authorization: 'Bearer ' },
    ]
    for (const headers of wrong) {
      const response = await fetch(new URL(path, server.url), { method, headers })
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="lockstep"',
      ])
      expect(((await response.json()) as { error: { code: string } }).error.code).toBe(
        'UNAUTHORIZED',
      )
    }
    expect(
      (await fetch(new URL(`${path}?token=${tokens.operator}`, server.url), { method })).status,
    ).toBe(401)
  })

  test('a server is refused on an address that others reach, and short tokens everywhere', async () => {
    const at = (host: string, given: object): Promise<AdminServer> =>
      serveAdmin(pair.db, { host, port: 0, tokens: given })
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1.example.org'])
      await expect(at(host, {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    for (const token of ['short', 'with a space in the text', 'ünprintable-token-here'])
      await expect(at('127.0.0.1', { operator: token })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      })
    await expect(
      at('127.0.0.1', { operator: tokens.operator, reader: tokens.operator }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await using open = await at('0.0.0.0', tokens)
    expect((await fetch(new URL('/healthz', open.url))).status).toBe(200)
  })

  test('nothing is open where no token is set', async () => {
    const call = callerOf(createAdmin(pair.db, { tokens: {}, rate }))
    for (const token of ['', 'undefined', 'null'])
      expect((await call('GET', '/v1/status', undefined, token)).status).toBe(401)
  })
})

describe('a hostile request', () => {
  const json = { 'content-type': 'application/json' }

  test.each([
    ['malformed JSON', { method: 'POST', body: '{"to":', headers: json }, 400],
    ['JSON that is no object', { method: 'POST', body: '[]', headers: json }, 400],
    [
      'a prototype',
      { method: 'POST', body: '{"to":"postgres","__proto__":{"force":true}}', headers: json },
      400,
    ],
    [
      'a form',
      {
        method: 'POST',
        body: 'to=postgres',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      415,
    ],
    [
      'plain text',
      { method: 'POST', body: '{"to":"postgres"}', headers: { 'content-type': 'text/plain' } },
      415,
    ],
    [
      'a type that only begins like JSON',
      {
        method: 'POST',
        body: '{"to":"postgres"}',
        headers: { 'content-type': 'application/jsonp' },
      },
      415,
    ],
    [
      'a large body',
      { method: 'POST', body: JSON.stringify({ to: 'x'.repeat(70_000) }), headers: json },
      413,
    ],
    [
      'a page of another site',
      {
        method: 'POST',
        body: '{"to":"postgres"}',
        headers: { ...json, origin: 'https://evil.example' },
      },
      403,
    ],
    [
      'a null origin',
      { method: 'POST', body: '{"to":"postgres"}', headers: { ...json, origin: 'null' } },
      403,
    ],
    ['another method', { method: 'DELETE' }, 404],
  ])('with %s is refused, and moves nothing', async (_, init, status) => {
    const response = await send('/v1/flip', init)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({
      error: { code: expect.stringMatching(/^[A-Z_]+$/) },
    })
    expect((await pair.db.status()).primary).toBe('sqlite')
  })

  test.each([
    '/../etc/passwd',
    '/v1/..%2f..%2fetc/passwd',
    '//v1/status',
    '/v1/status/',
    '/V1/STATUS',
    '/v1/status%00',
    '/v1//status',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/v1/flags',
  ])('for %s finds no file and no route', async (path) => {
    const { hostname, port } = new URL(server.url)
    const answer = await raw(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${tokens.operator}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 40[0134] /)
    expect(answer).not.toContain('root:')
  })

  test.each([
    ['too large', 'Content-Length: 10000000', 413],
    ['of no stated length', 'Transfer-Encoding: chunked', 411],
  ])(
    'with a body %s is refused before any of it has come, and so is what follows',
    async (_, header, status) => {
      const begun = performance.now()
      const answer = await raw(`POST /v1/flip HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`)
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(answer).toMatch(/^Connection: close\r$/m)
      expect(performance.now() - begun).toBeLessThan(2000)
    },
  )

  test('that is sent again and again without waiting for answers is cut off', async () => {
    const begun = performance.now()
    await raw('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000), 10_000)
    expect(performance.now() - begun).toBeLessThan(4000)
  })

  test('that smuggles headers or a second request is refused by the parser', async () => {
    for (const header of [
      'X: a\r\n b: c',
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'X: \u0000',
    ])
      expect(await raw(`POST /v1/flip HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`)).toMatch(
        /^(HTTP\/1\.1 4\d\d |$)/,
      )
    expect(
      await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('gets no word of what it sent back, and headers that a browser obeys', async () => {
    const response = await send('/v1/flags', {
      method: 'PATCH',
      body: '{"<script>":1}',
      headers: json,
    })
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    const names = [
      'x-content-type-options',
      'x-frame-options',
      'content-security-policy',
      'cache-control',
    ]
    expect(names.map((name) => response.headers.get(name))).toEqual([
      'nosniff',
      'DENY',
      "default-src 'none'; frame-ancestors 'none'",
      'no-store',
    ])
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await send('/v1/flags', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      403,
      null,
    ])
  })

  test('that comes too often is refused, for its own address alone', async () => {
    await using slow = await serveAdmin(pair.db, {
      host: '127.0.0.1',
      port: 0,
      tokens,
      rate: { burst: 5, perSecond: 1 },
    })
    const begun = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        fetch(new URL('/v1/status', slow.url), { headers: bearer('wrong') }),
      ),
    )
    // Late, as who is refused at once asks again at once.
    expect(performance.now() - begun).toBeGreaterThan(1000)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(14)
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    let now = 0
    const limit = createRateLimit({ burst: 2, perSecond: 10 }, () => now)
    expect([1, 2, 3].map(() => limit.take('a'))).toEqual([true, true, false])
    expect(limit.take('b')).toBe(true)
    now = 100
    expect([1, 2].map(() => limit.take('a'))).toEqual([true, false])
  })
})

test('an unexpected failure tells nothing of itself', async () => {
  const broken = {
    ...pair.db,
    ready: () => Promise.reject(new Error('password=hunter2 row=secret')),
  }
  const call = callerOf(createAdmin(broken, { tokens, rate }))
  const { status, body } = await call('GET', '/v1/ready')
  expect([status, body]).toMatchObject([500, { error: { code: 'UNEXPECTED' } }])
  expect(JSON.stringify(body)).not.toMatch(/hunter2|secret/)
})

test('1,000 streams are bounded, slow ones hold no queue, and the application goes on', async () => {
  const streams = await Promise.all(
    Array.from({ length: 1000 }, () => send('/v1/events').catch(() => null)),
  )
  const open = streams.filter((response) => response?.status === 200)
  // Connections have a bound of their own, and streams one below it.
  expect(open).toHaveLength(maxStreams)
  const refused = streams.find((response) => response?.status === 503)
  expect(await refused?.json()).toMatchObject({ error: { code: 'TOO_MANY_STREAMS' } })
  const before = process.memoryUsage().heapUsed
  // Nobody reads what comes.
  for (let n = 0; n < 200; n++) {
    await pair.db.setFlags({ reads: { postgres: n % 2 } })
  }
  expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(100)
  await pair.db.run('INSERT INTO t (n) VALUES (1)')
  expect(await pair.db.get('SELECT count(*) AS n FROM t')).toEqual({ n: 1 })
  await Promise.all(open.map(async (response) => response?.body?.cancel()))
  const again = async (): Promise<number> => {
    const response = await send('/v1/events')
    await response.body?.cancel()
    return response.status
  }
  await expect.poll(again, { timeout: 10_000 }).toBe(200)
})
