import { afterEach, describe, expect, test, vi } from 'vitest'
import { createTableFlagsStore } from '../../src/route/flags-table.ts'
import { defaultFlags } from '../../src/route/flags.ts'
import type { FlagsListeners, FlagsStore } from '../../src/route/flags-store.ts'

const open: FlagsStore[] = []
afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
})

/** One stored text that several processes read and write. */
class SharedText {
  text: string | null = null
  failure: Error | null = null

  async store(listeners: FlagsListeners = {}): Promise<FlagsStore> {
    const store = await createTableFlagsStore({
      read: async () => {
        await Promise.resolve()
        if (this.failure) throw this.failure
        return this.text
      },
      write: async (text, previous) => {
        await Promise.resolve()
        if (this.text !== previous) return false
        this.text = text
        return true
      },
      initial: defaultFlags,
      pollMs: 10,
      ...listeners,
    })
    open.push(store)
    return store
  }
}

describe('flags in a control table', () => {
  test('the first process stores its flags and the next one takes them', async () => {
    const shared = new SharedText()
    await (await shared.store()).set({ reads: { postgres: 40 } })
    expect((await shared.store()).current().reads.postgres).toBe(40)
    expect(JSON.parse(shared.text ?? '')).toMatchObject({ reads: { postgres: 40 } })
  })

  test('a change by one process is in force in the others', async () => {
    const shared = new SharedText()
    const onChange = vi.fn<NonNullable<FlagsListeners['onChange']>>()
    const other = await shared.store({ onChange })
    const store = await shared.store()
    const flags = await store.set({ ack: 'both' })
    await vi.waitFor(() => expect(other.current()).toEqual(flags), { timeout: 1000 })
    expect(onChange.mock.calls).toEqual([[flags, 'table']])
  })

  test('processes that set different flags at the same moment all get theirs', async () => {
    const shared = new SharedText()
    const stores = await Promise.all([shared.store(), shared.store(), shared.store()])
    await Promise.all(
      stores.map((store, index) => store.set({ reads: { tables: { [`t${index}`]: 1 } } })),
    )
    expect(JSON.parse(shared.text ?? '').reads.tables).toEqual({ t0: 1, t1: 1, t2: 1 })
  })

  test('bad text and a database that is away leave the last good flags, and are told once', async () => {
    const shared = new SharedText()
    const refused: string[] = []
    const store = await shared.store({ onRefused: (message) => refused.push(message) })
    shared.text = '{"mirror": 1}'
    await vi.waitFor(() => expect(refused).toHaveLength(1))
    shared.failure = new Error('away')
    await vi.waitFor(() => expect(refused).toHaveLength(2))
    shared.failure = null
    shared.text = '{'
    await vi.waitFor(() => expect(refused).toHaveLength(3))
    expect(refused).toEqual([
      'mirror must be true or false, not 1',
      'away',
      expect.stringMatching(/^The stored flags are not JSON: /),
    ])
    expect(store.current()).toEqual(defaultFlags)
  })
})
