import { expect, test } from 'vitest'
import { eventsOf } from '../admin/caller.ts'
import { describedBy } from '../admin/described.ts'
import { createScene, mirror, type AdminProcess } from './scene.ts'

type Answer = Record<string, unknown>

/** Nothing but requests: what curl does; each answer is as the server's document has it. */
async function callerTo({ url, token }: AdminProcess) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const asDescribed = describedBy(await (await fetch(`${url}v1/openapi.json`, { headers })).json())
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify({ actor: 'ada', ...body }) }),
    })
    const answered: unknown = await response.json()
    asDescribed(method, `/${path}`, response.status, answered)
    return { status: response.status, body: answered }
  }
}

test('an operator moves the primary there, back and there again by HTTP alone, under traffic', async () => {
  await using scene = await createScene()
  await mirror(scene)
  const server = await scene.serveAdmin()
  const call = await callerTo(server)
  const status = async (): Promise<unknown> => (await call('GET', 'v1/status'))['body']
  const ok = (body: Answer): unknown =>
    expect.objectContaining({ status: 200, body: expect.objectContaining(body) })

  const stopping = new AbortController()
  const headers = { authorization: `Bearer ${server.token}` }
  const stream = await fetch(`${server.url}v1/events`, { headers, signal: stopping.signal })
  const moves: unknown[] = []
  const listening = (async () => {
    for await (const { type, data } of eventsOf(stream)) if (type === 'flip') moves.push(data['to'])
  })().catch(() => undefined)

  expect(await call('POST', 'v1/verify', {})).toEqual(ok({ equal: true }))
  const flags = { reads: { postgres: 50 }, shadow: { sample: 50 } }
  expect(await call('PATCH', 'v1/flags', flags)).toEqual(ok({ primary: 'sqlite' }))
  await scene.writeMore()
  expect(await call('PATCH', 'v1/flags', { reads: { postgres: 100 } })).toMatchObject({
    status: 200,
  })
  expect(await status()).toMatchObject({ stage: 'ramp', epoch: 1, divergences: 0 })

  expect(await call('GET', 'v1/ready')).toEqual(ok({ ready: true }))
  expect(await call('POST', 'v1/flip', { to: 'postgres', epoch: 1 })).toEqual(
    ok({ to: 'postgres' }),
  )
  await scene.writeMore()
  // Who has an old page open does not undo what somebody else has done.
  expect(await call('POST', 'v1/rollback', { epoch: 1 })).toMatchObject({
    status: 409,
    body: { error: { code: 'EPOCH_MOVED' } },
  })
  expect(await call('POST', 'v1/rollback', { epoch: 2 })).toEqual(ok({ to: 'sqlite' }))
  await scene.writeMore()
  expect(await call('POST', 'v1/repair', { table: 'counters' })).toMatchObject({ status: 200 })
  expect(await call('POST', 'v1/flip', { to: 'postgres' })).toEqual(
    ok({ to: 'postgres', epoch: 4 }),
  )
  await scene.writeMore()
  expect(await call('POST', 'v1/verify', {})).toEqual(ok({ equal: true }))
  expect(await status()).toMatchObject({ stage: 'flipped', epoch: 4, quarantine: 0 })
  const { writes } = await scene.expectNothingLost('postgres', 'sqlite')
  expect(writes).toBeGreaterThan(100)

  await expect.poll(() => moves, { timeout: 10_000 }).toEqual(['postgres', 'sqlite', 'postgres'])
  stopping.abort()
  await listening
}, 600_000)
