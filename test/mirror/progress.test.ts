import { afterEach, expect, test } from 'vitest'
import { openParts } from '../support/parts.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

let pair: Pair
afterEach(() => pair.close())

const schema = 'CREATE TABLE t (id INTEGER PRIMARY KEY)'
/** Longer than any of these takes. */
const waitMs = 20_000

test.each(['sqlite', 'postgres'] as const)(
  'who waits in another process for what %s has committed waits no more once a flip has drained it',
  async (place) => {
    pair = await openPair({ schema, stage: place === 'sqlite' ? 'mirrored' : 'flipped' })
    await using other = await openParts({ ...pair, replace: () => ({}) })
    const progress = other.engine.progress[place]
    // Drawn behind the last snapshot of the drain, it is never published.
    const beyond = (await other.engine.newestToken(place)) + 1000n
    expect(await progress.wait(beyond, 50)).toBe(false)
    const started = performance.now()
    const waited = progress.wait(beyond, waitMs)
    await (place === 'sqlite' ? flip(pair.db) : rollback(pair.db))
    expect(await waited).toBe(true)
    // A caller whose view is old comes too late to wait.
    expect(await progress.wait(beyond, waitMs)).toBe(true)
    expect(performance.now() - started).toBeLessThan(waitMs / 2)
    // When the place is the primary again, its old tokens are waited for as ever.
    await (place === 'sqlite' ? rollback(pair.db) : flip(pair.db))
    expect(await progress.wait(beyond, 50)).toBe(false)
  },
)

test('what was given up with a lost PostgreSQL is not confirmed', async () => {
  pair = await openPair({ schema, stage: 'flipped', options: { applier: { enabled: false } } })
  await using other = await openParts({ ...pair, replace: () => ({}) })
  const progress = other.engine.progress.postgres
  const started = performance.now()
  const waited = progress.wait((await other.engine.newestToken('postgres')) + 1000n, waitMs)
  pair.sqlite.exec(
    `UPDATE _lockstep_control SET epoch = epoch + 1, primary_place = 'sqlite', state = 'open', attempt = 'loss:x', gate = 0`,
  )
  expect(await waited).toBe(false)
  expect(performance.now() - started).toBeLessThan(waitMs / 2)
})
