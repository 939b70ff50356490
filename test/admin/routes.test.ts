import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdmin } from '../../src/admin/admin.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { callerOf, eventsOf, tokens } from './caller.ts'

let pair: Pair
let app: ReturnType<typeof createAdmin>
let call: ReturnType<typeof callerOf>

beforeAll(async () => {
  pair = await openPair({
    schema: `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
      INSERT INTO users VALUES (1, 'Ada', 36), (2, 'Grace', 85)`,
    options: { flip: { pauseBudgetMs: 10_000 } },
  })
  app = createAdmin(pair.db, { tokens, rate: { burst: 10_000, perSecond: 1000 } })
  call = callerOf(app)
})
afterAll(() => pair.close())

/** The actions of the audit log, newest first. */
async function actions(): Promise<unknown[]> {
  const { body } = await call('GET', '/v1/audit?limit=5')
  return (body['entries'] as { action: string }[]).map(({ action }) => action)
}

describe('what is read', () => {
  test('is what the library answers', async () => {
    expect((await call('GET', '/v1/status')).body).toMatchObject({
      primary: 'sqlite',
      backfilled: true,
    })
    expect((await call('GET', '/v1/ready')).body).toMatchObject({ ready: true })
    expect((await call('GET', '/healthz', undefined, '')).body).toEqual({ status: 'ok' })
    expect((await call('GET', '/readyz', undefined, '')).body).toEqual({
      ready: true,
      reason: null,
    })
  })

  test('are metrics in the form of Prometheus, of statements too once somebody asks', async () => {
    await call('GET', '/metrics')
    await pair.db.get('SELECT * FROM users WHERE id = 1')
    const { headers, body } = await call('GET', '/metrics', undefined, tokens.reader)
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body['text']).toContain('\nlockstep_primary{lockstep_place="sqlite"} 1\n')
    expect(body['text']).toMatch(
      /\ndb_client_operation_duration_seconds_count\{db_system_name="sqlite",lockstep_operation="read"\} [1-9]/,
    )
  })

  test('is described by an OpenAPI document that names every route of the contract', async () => {
    const { body } = await call('GET', '/v1/openapi.json')
    const paths = body['paths'] as Record<string, Record<string, unknown>>
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    for (const route of [
      'get /healthz',
      'get /readyz',
      'get /metrics',
      'get /v1/status',
      'get /v1/ready',
      'get /v1/statements',
      'get /v1/divergences',
      'get /v1/quarantine',
      'get /v1/audit',
      'get /v1/events',
      'patch /v1/flags',
      'post /v1/flip',
      'post /v1/advance',
      'post /v1/rollback',
      'post /v1/verify',
      'post /v1/repair',
    ])
      expect(routes).toContain(route)
  })

  test('are rows in quarantine, without their keys unless an operator asks', async () => {
    // Of another program: one through Lockstep would be rehearsed, and stand in the way of the flips below.
    pair.sqlite.exec(`UPDATE users SET age = 'unknown' WHERE id = 2`)
    await pair.db.caughtUp().catch(() => undefined)
    const plain = await call('GET', '/v1/quarantine')
    expect(plain.body).toMatchObject({
      total: 1,
      rows: [{ table: 'users', column: 'age', key: null }],
    })
    expect((await call('GET', '/v1/quarantine?keys=true')).body).toMatchObject({
      rows: [{ key: '2' }],
    })
    expect((await call('GET', '/v1/quarantine?keys=true', undefined, tokens.reader)).status).toBe(
      403,
    )
    expect(JSON.stringify(plain.body)).not.toContain('unknown')
    const refused = await call('POST', '/v1/flip', { to: 'postgres' })
    expect([refused.status, refused.body]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'GATE_REFUSED' }) },
    ])
    await pair.db.run('UPDATE users SET age = 85 WHERE id = 2')
    await pair.db.caughtUp()
  })
})

describe('a change', () => {
  test('of flags is in force when it is answered, and in the audit log with actor and reason', async () => {
    const patch = { reads: { postgres: 25 }, actor: 'ada', reason: 'ticket 4711 ✓' }
    for (let time = 0; time < 2; time++)
      expect((await call('PATCH', '/v1/flags', patch)).body).toMatchObject({
        reads: { postgres: 25 },
      })
    expect(pair.db.flags().reads.postgres).toBe(25)
    const [entry] = await pair.db.audit({ limit: 1 })
    expect(entry).toMatchObject({
      action: 'requested',
      detail: {
        call: 'flags',
        actor: 'ada',
        reason: 'ticket 4711 ✓',
        arguments: { reads: { postgres: 25 } },
      },
    })
  })

  test('to the next step is taken where its gates hold', async () => {
    await pair.db.setFlags({ reads: { postgres: 25 } })
    const { status, body } = await call('POST', '/v1/advance', { actor: 'ada' })
    expect([status, body]).toMatchObject([200, { from: 'ramp', to: 'ramp', flip: null }])
    expect(pair.db.flags().reads.postgres).toBe(50)
  })

  test.each([
    ['PATCH', '/v1/flags', { reads: { postgres: 250 } }, 'reads.postgres'],
    ['PATCH', '/v1/flags', { reads: { postgress: 25 } }, 'postgress'],
    ['POST', '/v1/flip', { to: 'mysql' }, 'to'],
    ['POST', '/v1/flip', {}, 'to'],
    ['POST', '/v1/flip', { to: 'postgres', pauseBudgetMs: -1 }, 'pauseBudgetMs'],
    ['POST', '/v1/rollback', { acceptloss: true }, 'acceptloss'],
    ['POST', '/v1/verify', { sample: 0 }, 'sample'],
    ['POST', '/v1/repair', { table: '' }, 'table'],
    ['POST', '/v1/repair', { table: 'none' }, 'none'],
    ['GET', '/v1/audit?limit=0', undefined, 'limit'],
  ])(
    '%s %s %j is refused with what is wrong with it, and changes nothing',
    async (method, path, body, word) => {
      const before = pair.db.flags()
      const { status, body: problem } = await call(method, path, body)
      expect(status).toBe(400)
      expect(JSON.stringify(problem)).toContain(word)
      expect(pair.db.flags()).toEqual(before)
    },
  )

  test('moves the primary there and back, and done again moves nothing', async () => {
    const { epoch } = await pair.db.status()
    const there = await call('POST', '/v1/flip', { to: 'postgres', epoch })
    expect(there.body).toMatchObject({ from: 'sqlite', to: 'postgres', epoch: epoch + 1 })
    expect((await call('POST', '/v1/flip', { to: 'postgres' })).body).toMatchObject({
      from: 'postgres',
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const late = await call('POST', '/v1/rollback', { epoch })
    expect([late.status, late.body]).toMatchObject([409, { error: { code: 'EPOCH_MOVED' } }])
    expect((await call('POST', '/v1/rollback')).body).toMatchObject({
      from: 'postgres',
      to: 'sqlite',
    })
    expect((await actions()).filter((action) => action !== 'flip-recorded')).toEqual([
      'flip',
      'requested',
      'refused',
      'requested',
    ])
  })

  test('by two operators at the same moment has one winner, and a clear refusal or nothing to do', async () => {
    const both = await Promise.all([
      call('POST', '/v1/flip', { to: 'postgres', actor: 'ada' }),
      call('POST', '/v1/flip', { to: 'postgres', actor: 'grace' }),
    ])
    const moved = both.filter(({ status, body }) => status === 200 && body['from'] === 'sqlite')
    expect(moved).toHaveLength(1)
    const others = both.filter((one) => one !== moved[0])
    const nothing = { from: 'postgres', to: 'postgres' }
    const refusal = { error: { code: 'FLIP_IN_PROGRESS' } }
    expect(others.map(({ body }) => body)).toMatchObject([
      others[0]?.status === 200 ? nothing : refusal,
    ])
    expect((await call('POST', '/v1/rollback')).status).toBe(200)
  })

  test('is what repair and verify do, which tell keys only where they are asked for', async () => {
    await pair.pg.query(
      `SET lockstep.applying = 'on'; UPDATE users SET name = 'secret' WHERE id = 1`,
    )
    const plain = await call('POST', '/v1/verify')
    expect(plain.body).toMatchObject({ equal: false, differences: [{ table: 'users', key: null }] })
    expect(JSON.stringify(plain.body)).not.toContain('secret')
    const asked = await call('POST', '/v1/verify', { values: true })
    expect(asked.body).toMatchObject({
      differences: [{ key: '1', values: { postgres: '"secret"' } }],
    })
    expect((await call('POST', '/v1/repair', { table: 'users', keys: [1, 99] })).body).toEqual({
      rows: 1,
      unknown: 1,
    })
    expect((await call('POST', '/v1/verify')).body).toMatchObject({ equal: true })
    expect(JSON.stringify(pair.sqliteRows('SELECT detail FROM _lockstep_audit'))).not.toContain(
      'secret',
    )
  })

  test('by a reader is refused', async () => {
    for (const path of ['/v1/flip', '/v1/advance', '/v1/rollback', '/v1/verify', '/v1/repair'])
      expect((await call('POST', path, { to: 'postgres' }, tokens.reader)).status).toBe(403)
    expect((await call('PATCH', '/v1/flags', { mirror: false }, tokens.reader)).status).toBe(403)
    expect(pair.db.flags().mirror).toBe(true)
  })
})

test('the stream tells what happens, with the status, and goes on where it was', async () => {
  const open = (headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(
      app.request('/v1/events', {
        headers: { authorization: `Bearer ${tokens.reader}`, ...headers },
      }),
    )
  const seen: { type: string; id: string | null; data: object }[] = []
  const stream = eventsOf(await open())
  const first = await stream.next()
  expect(first.value).toMatchObject({ type: 'status', data: { primary: 'sqlite' } })
  await pair.db.setFlags({ ack: 'both' })
  await pair.db.setFlags({ ack: 'primary' })
  for await (const event of stream) {
    seen.push(event)
    if (seen.filter(({ type }) => type === 'flags').length === 2) break
  }
  const flags = seen.filter(({ type }) => type === 'flags')
  expect(flags[0]?.data).toMatchObject({ source: 'call', flags: { ack: 'both' } })
  const again = eventsOf(await open({ 'last-event-id': flags[0]?.id ?? '' }))
  for await (const event of again) {
    if (event.type === 'status') continue
    expect(event).toEqual(flags[1])
    break
  }
})
