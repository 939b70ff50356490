import { readFileSync } from 'node:fs'
import { context, trace, type Span, type SpanContext } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { spanDefinitions, type SpanName } from '../../src/telemetry/span-definitions.ts'
import { summaryOf } from '../../src/telemetry/traced-statements.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { projectRoot } from '../support/built.ts'

const schema = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
  INSERT INTO people VALUES (1, 'Ada')`
const secret = 'what-a-row-holds'

test('docs/traces.md lists every span as it is defined, and no other', () => {
  const text = readFileSync(`${projectRoot}docs/traces.md`, 'utf8')
  const listed = text.split('\n').filter((line) => line.startsWith('| `'))
  const rows = Object.entries(spanDefinitions).map(([name, { kind, attributes, about }]) => [
    '',
    `\`${name}\``,
    kind,
    attributes.map((attribute) => `\`${attribute}\``).join(', '),
    about,
    '',
  ])
  expect(listed.map((line) => line.split('|').map((cell) => cell.trim()))).toEqual(rows)
})

test('a summary is short, however many tables a statement has', () => {
  const tables = Array.from({ length: 100 }, (_, table) => `${'long'.repeat(20)}${table}`)
  expect(summaryOf({ kind: 'select', tables }).length).toBeLessThanOrEqual(255)
  expect(summaryOf({ kind: 'select', tables: ['a', 'b'] })).toBe('SELECT a b')
  expect(summaryOf({ kind: null, tables: [] })).toBe('UNKNOWN')
})

const exporter = new InMemorySpanExporter()
function register(): void {
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register()
}
function unregister(): void {
  trace.disable()
  context.disable()
}
const spans = (): ReadableSpan[] => exporter.getFinishedSpans()
const named = (name: string): ReadableSpan[] => spans().filter((span) => span.name === name)

/** The application's own span around what it does. */
async function request<T>(work: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('application').startActiveSpan('request', async (span) => {
    try {
      return await work(span)
    } finally {
      span.end()
    }
  })
}

function linked(from: ReadableSpan | undefined, to: ReadableSpan | undefined): boolean {
  const ids = from?.links.map((link) => link.context.spanId) ?? []
  return to !== undefined && ids.includes(to.spanContext().spanId)
}

describe.each(['sqlite', 'postgres'] as const)(
  'with an SDK, while %s is the primary,',
  (primary) => {
    let pair: Pair
    beforeAll(async () => {
      register()
      const stage = primary === 'sqlite' ? 'mirrored' : 'flipped'
      pair = await openPair({ schema, stage })
    })
    beforeEach(() => exporter.reset())
    afterAll(async () => {
      await pair.close()
      unregister()
    })
    const system = primary === 'sqlite' ? 'sqlite' : 'postgresql'

    test('a statement is a child of the span of the application', async () => {
      await request(async () => {
        await pair.db.run('INSERT INTO people VALUES (2, ?)', ['Grace'])
        await pair.db.get('SELECT name FROM people WHERE id = 2')
      })
      const [parent] = named('request')
      const [insert, select] = [named('INSERT people')[0], named('SELECT people')[0]]
      for (const span of [insert, select])
        expect(span?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId)
      expect(insert?.attributes).toEqual({
        'db.system.name': system,
        'db.operation.name': 'INSERT',
        'db.collection.name': 'people',
        'db.query.summary': 'INSERT people',
      })
    })

    test('a transaction has its statements as children', async () => {
      await pair.db.transaction(async (tx) => {
        await tx.run(`UPDATE people SET name = 'Augusta' WHERE id = 1`)
      })
      const [whole] = named('TRANSACTION')
      const [update] = named('UPDATE people')
      expect(update?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId)
    })

    test('a span of the application and the batch with its writes are linked both ways', async () => {
      await request(async () => {
        await pair.db.run('INSERT INTO people VALUES (3, ?)', ['Hedy'])
        await pair.db.caughtUp()
      })
      const batch = (): ReadableSpan | undefined =>
        named('lockstep.apply').find((span) => linked(span, named('request')[0]))
      await expect.poll(batch, { timeout: 10_000 }).toBeDefined()
      expect(linked(named('request')[0], batch())).toBe(true)
      expect(batch()?.parentSpanContext).toBeUndefined()
      expect(batch()?.attributes).toMatchObject({
        'lockstep.outcome': 'applied',
        'lockstep.quarantined': 0,
        'db.system.name': primary === 'sqlite' ? 'postgresql' : 'sqlite',
      })
    })

    test('a span of the application is linked with the shadow run of its read', async () => {
      await pair.db.caughtUp()
      const runOf = ({ spanId }: SpanContext): ReadableSpan | undefined =>
        named('lockstep.shadow').find(({ links }) => links[0]?.context.spanId === spanId)
      await request(async (span) => {
        await pair.db.get('SELECT count(*) FROM people WHERE id > ?', [0])
        await expect.poll(() => runOf(span.spanContext()), { timeout: 10_000 }).toBeDefined()
      })
      const [parent] = named('request')
      const run = parent && runOf(parent.spanContext())
      expect([linked(parent, run), run?.parentSpanContext]).toEqual([true, undefined])
      expect(run?.attributes).toEqual({
        'db.query.summary': 'SELECT people',
        'lockstep.outcome': 'equal',
      })
    })

    test('no span says what a row holds, and none has an attribute that is not listed', async () => {
      const { db } = pair
      await request(async () => {
        await db.run(`INSERT INTO people VALUES (4, '${secret}')`)
        await db.get('SELECT * FROM people WHERE name = ?', [secret])
        await expect(db.run('INSERT INTO people VALUES (5, ?)', [secret])).rejects.toThrow('UNIQUE')
        await expect(db.get(`SELECT '${secret}' FROM nowhere`)).rejects.toThrow('nowhere')
        await db.exec(`DELETE FROM people WHERE name = '${secret}'`)
        await db.caughtUp()
      })
      await expect
        .poll(() => named('lockstep.shadow').length, { timeout: 10_000 })
        .toBeGreaterThan(0)
      const failed = spans().find(({ attributes }) => 'error.type' in attributes)
      expect(failed?.attributes['error.type']).toBe('SQLITE_CONSTRAINT_UNIQUE')
      for (const span of spans()) {
        const { name, attributes, status, events } = span
        expect(JSON.stringify({ name, attributes, status, events })).not.toContain(secret)
        if (name === 'request') continue
        const known: readonly string[] = spanDefinitions[definitionOf(name)].attributes
        expect(known).toEqual(expect.arrayContaining(Object.keys(attributes)))
      }
    })
  },
)

function definitionOf(name: string): SpanName {
  if (name === 'lockstep.apply' || name === 'lockstep.shadow') return name
  return name === 'TRANSACTION' || name === 'SCRIPT' ? 'transaction' : 'statement'
}

test('without an SDK no span is made, also where one comes later', async () => {
  await using pair = await openPair({ schema })
  register()
  try {
    exporter.reset()
    await request(async () => {
      await pair.db.run(`INSERT INTO people VALUES (2, 'Grace')`)
      await pair.db.caughtUp()
    })
    expect(spans().map(({ name }) => name)).toEqual(['request'])
  } finally {
    unregister()
  }
})
