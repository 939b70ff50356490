import * as fc from 'fast-check'
import { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { arrayText } from '../../src/values/array-text.ts'
import { copyLine } from '../../src/values/copy-text.ts'
import { serverRealText } from '../../src/values/real-text.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { text } from './arbitrary.ts'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query('CREATE TABLE copied (id bigint, a text, b text)')
}, 60_000)

afterAll(async () => {
  await client.end()
  await database.drop()
})

const field = fc.option(text, { nil: null })

test('an array literal gives back every element, NULL apart from the text NULL', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(field, { maxLength: 60 }), async (elements) => {
      const { rows } = await client.query<{ t: string | null }>(
        'SELECT t FROM unnest($1::text[]) WITH ORDINALITY u (t, n) ORDER BY n',
        [arrayText(elements)],
      )
      expect(rows.map((row) => row.t)).toEqual(elements)
    }),
    { numRuns: 60 },
  )
})

test('a COPY line gives back every field, whatever it holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 60 }), async (pairs) => {
      await client.query('TRUNCATE copied')
      const lines = pairs.map((pair, index) => copyLine([String(index), ...pair]))
      const copy = client.query(copyFrom('COPY copied FROM STDIN'))
      await pipeline(Readable.from([lines.join('')]), copy)
      const { rows } = await client.query<{ a: string | null; b: string | null }>(
        'SELECT a, b FROM copied ORDER BY id',
      )
      expect(rows.map((row) => [row.a, row.b])).toEqual(pairs)
    }),
    { numRuns: 40 },
  )
})

test('a COPY line is, byte for byte, what COPY itself writes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 60 }), async (pairs) => {
      await client.query('TRUNCATE copied')
      const lines = pairs.map((pair, index) => copyLine([String(index), ...pair])).join('')
      await pipeline(Readable.from([lines]), client.query(copyFrom('COPY copied FROM STDIN')))
      const chunks: Buffer[] = []
      const copied = client.query(copyTo('COPY (SELECT * FROM copied ORDER BY id) TO STDOUT'))
      for await (const chunk of copied) chunks.push(chunk as Buffer)
      expect(Buffer.concat(chunks).toString()).toBe(lines)
    }),
    { numRuns: 40 },
  )
})

test('a real is written as the server writes it', async () => {
  const edges = [0, -0, 1e15, 1e15 - 1, 1e-4, 9.999e-5, 5e-324, 1e21, 1e22, Infinity, -Infinity]
  const real = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(...edges))
  await fc.assert(
    fc.asyncProperty(fc.array(real, { minLength: 1, maxLength: 200 }), async (values) => {
      const texts = values.map(serverRealText)
      const { rows } = await client.query<{ t: string }>(
        'SELECT x::text AS t FROM unnest($1::float8[]) WITH ORDINALITY u (x, n) ORDER BY n',
        [texts],
      )
      expect(rows.map(({ t }) => t)).toEqual(texts)
    }),
    { numRuns: 60 },
  )
})
