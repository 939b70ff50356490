import { InMemoryProvider, OpenFeature, type Client } from '@openfeature/server-sdk'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createOpenFeatureFlagsStore } from '../../src/route/flags-openfeature.ts'
import type { FlagsListeners, FlagsStore } from '../../src/route/flags-store.ts'
import { defaultFlags } from '../../src/route/flags.ts'
import { openPair, type Pair } from '../support/pair.ts'

/** What an operator has put into the provider; a function decides by the key of the session. */
type Values = Record<string, unknown>
type Configuration = ConstructorParameters<typeof InMemoryProvider>[0]

class Provider extends InMemoryProvider {
  failure: 'throws' | 'hangs' | null = null
  /** How often it was asked for a number. */
  asked = 0

  put(values: Values): void {
    const flags = Object.entries(values).map(([key, value]) => [key, flagOf(value)])
    this.putConfiguration(Object.fromEntries(flags) as NonNullable<Configuration>)
  }

  override async resolveNumberEvaluation(
    ...args: Parameters<InMemoryProvider['resolveNumberEvaluation']>
  ): ReturnType<InMemoryProvider['resolveNumberEvaluation']> {
    this.asked++
    if (this.failure === 'throws') throw new Error('out of order')
    if (this.failure === 'hangs') await new Promise(() => undefined)
    return super.resolveNumberEvaluation(...args)
  }
}

function flagOf(value: unknown): object {
  if (typeof value !== 'function')
    return { variants: { only: value }, defaultVariant: 'only', disabled: false }
  const percents = Array.from({ length: 101 }, (_, percent) => [String(percent), percent])
  return {
    variants: Object.fromEntries(percents),
    defaultVariant: '0',
    disabled: false,
    contextEvaluator: ({ targetingKey }: { targetingKey?: string }) => String(value(targetingKey)),
  }
}

let clients = 0

async function provide(values: Values = {}): Promise<{ provider: Provider; client: Client }> {
  const provider = new Provider()
  provider.put(values)
  const domain = `client ${clients++}`
  await OpenFeature.setProviderAndWait(domain, provider)
  return { provider, client: OpenFeature.getClient(domain) }
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await OpenFeature.clearProviders()
})

async function openStore(client: Client, listeners: FlagsListeners = {}): Promise<FlagsStore> {
  const store = await createOpenFeatureFlagsStore(client, listeners)
  open.push(store)
  return store
}

describe('flags of an OpenFeature provider', () => {
  test('a change in the provider is in force at once, and what it takes away stays as it was', async () => {
    const { provider, client } = await provide({ 'lockstep.reads.postgres': 7 })
    const sources: string[] = []
    const store = await openStore(client, { onChange: (_flags, source) => sources.push(source) })
    expect(store.current().reads.postgres).toBe(7)
    provider.put({ 'lockstep.reads.tables': { users: 3 }, 'lockstep.primary': 'postgres' })
    await vi.waitFor(() => expect(store.current().reads.tables).toEqual({ users: 3 }))
    expect(store.current()).toMatchObject({ primary: 'postgres', reads: { postgres: 7 } })
    provider.put({ 'lockstep.ack': 'both' })
    await vi.waitFor(() => expect(store.current().ack).toBe('both'))
    expect(store.current().primary).toBe('postgres')
    expect(sources).toEqual(['openfeature', 'openfeature'])
    await expect(store.set({ mirror: false })).rejects.toThrow(/change them in its provider/)
  })

  test.each<[string, Values, RegExp]>([
    ['out of range', { 'lockstep.shadow.sample': 1000 }, /^shadow.sample must be a number from 0/],
    ['of another type', { 'lockstep.reads.postgres': 'half' }, /TYPE_MISMATCH/],
    ['of another word', { 'lockstep.primary': 'mysql' }, /^primary must be sqlite or postgres/],
  ])('a value %s is refused and told, and the last good flags stay', async (_, values, message) => {
    const { provider, client } = await provide()
    const refused: string[] = []
    const store = await openStore(client, { onRefused: (text) => refused.push(text) })
    provider.put(values)
    await vi.waitFor(() => expect(refused).toEqual([expect.stringMatching(message)]))
    expect(store.refused()).toMatch(message)
    expect(store.current()).toEqual(defaultFlags)
  })

  test.each(['throws', 'hangs'] as const)(
    'a provider that %s at the start, or later, leaves the flags in force and is told',
    async (failure) => {
      const { provider, client } = await provide({ 'lockstep.reads.postgres': 7 })
      provider.failure = failure
      const refused: string[] = []
      const store = await openStore(client, { onRefused: (text) => refused.push(text) })
      expect(store.current()).toEqual(defaultFlags)
      expect(refused).toHaveLength(1)
      provider.failure = null
      provider.put({ 'lockstep.reads.postgres': 8 })
      await vi.waitFor(() => expect(store.current().reads.postgres).toBe(8))
      expect(store.refused()).toBeNull()
      provider.failure = failure
      provider.put({ 'lockstep.reads.postgres': 9 })
      await vi.waitFor(() => expect(refused).toHaveLength(2), 5000)
      expect(store.current().reads.postgres).toBe(8)
    },
  )
})

describe('percentages by the key of a session', () => {
  const schema = 'CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1);'
  const sql = 'SELECT id FROM users'

  async function openApplication(values: Values): Promise<{ provider: Provider; db: Pair['db'] }> {
    const { provider, client } = await provide(values)
    const pair = await openPair({ schema, options: { flags: { openfeature: client } } })
    open.push(pair)
    await pair.db.caughtUp()
    return { provider, db: pair.db }
  }

  /** How many of ten reads of a session PostgreSQL has served. */
  async function servedFor(db: Pair['db'], key: string): Promise<number> {
    const served = async (): Promise<number> => (await db.status()).counters.reads.postgres
    const before = await served()
    await db.session({ key }, async () => {
      for (let read = 0; read < 10; read++) expect(await db.get(sql)).toEqual({ id: 1 })
    })
    return (await served()) - before
  }

  const betaFirst = (key?: string): number => (key === 'beta' ? 100 : 0)

  test('one key goes to PostgreSQL, another stays, and a change reaches a session that runs', async () => {
    const { provider, db } = await openApplication({ 'lockstep.reads.postgres': betaFirst })
    expect(await servedFor(db, 'beta')).toBe(10)
    expect(await servedFor(db, 'other')).toBe(0)
    await db.session({ key: 'beta' }, async () => {
      provider.put({ 'lockstep.reads.postgres': () => 0 })
      await vi.waitFor(async () => {
        const before = (await db.status()).counters.reads.sqlite
        await db.get(sql)
        expect((await db.status()).counters.reads.sqlite).toBe(before + 1)
      })
    })
  })

  test.each(['throws', 'hangs'] as const)(
    'a provider that %s leaves sessions with the percentage of all, and is told once',
    async (failure) => {
      const { provider, db } = await openApplication({ 'lockstep.reads.postgres': 100 })
      const refused: string[] = []
      db.on('flags-refused', ({ message }) => refused.push(message))
      provider.failure = failure
      expect(await servedFor(db, 'beta')).toBe(10)
      expect(refused).toEqual([expect.stringContaining('a session key')])
      const { asked } = provider
      expect(await servedFor(db, 'gamma')).toBe(10)
      expect(refused).toHaveLength(1)
      // Whoever comes after one that waited in vain does not wait.
      expect(provider.asked - asked).toBe(failure === 'hangs' ? 0 : 1)
    },
  )
})
