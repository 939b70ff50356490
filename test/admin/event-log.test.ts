import { expect, test } from 'vitest'
import { EventLog } from '../../src/admin/event-log.ts'

test('a listener that is too slow is told how many events are gone, and goes on with the rest', () => {
  const log = new EventLog(3)
  for (const n of [1, 2, 3, 4, 5]) log.push('flip', { n })
  const read = log.read(0)
  expect(read?.after).toBe(5)
  expect(read?.text).toBe(
    'event: gap\ndata: {"missed":2}\n\n' +
      [3, 4, 5].map((n) => `id: ${n}\nevent: flip\ndata: {"n":${n}}\n\n`).join(''),
  )
  expect(log.read(3)?.text).not.toContain('gap')
  expect(log.read(5)).toBeNull()
})

test('a status takes the place of the one before and pushes no event out', () => {
  const log = new EventLog(1)
  log.push('flip', { n: 1 })
  for (const epoch of [1, 2, 3]) log.setStatus({ epoch })
  expect(log.readStatus(0)).toEqual({ after: 3, text: 'event: status\ndata: {"epoch":3}\n\n' })
  expect(log.readStatus(3)).toBeNull()
  expect(log.read(0)?.text).toContain('{"n":1}')
})

test('text that holds line breaks cannot make an event of its own', () => {
  const log = new EventLog()
  log.push('degraded', { reason: 'x\n\nevent: flip\ndata: {}\n\n' })
  expect(log.read(0)?.text.split('\n\n')).toHaveLength(2)
})

test('who waits is woken by an event, and by nothing before', async () => {
  const log = new EventLog()
  let woken = false
  const wait = log.wait(60_000, new AbortController().signal).then(() => (woken = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(woken).toBe(false)
  log.push('flip', {})
  await wait
})
