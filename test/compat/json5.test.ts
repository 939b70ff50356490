import Database from 'better-sqlite3'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/demo/random.ts'
import { openCompatDatabase, type ConnectedDatabase } from '../support/connected.ts'

let database: ConnectedDatabase
let client: Client

beforeAll(async () => {
  database = await openCompatDatabase()
  client = database.client
})

afterAll(() => database[Symbol.asyncDispose]())

/** What JSON5 is made of, and what breaks it. */
const pieces = [
  ['{', '}', '[', ']', ',', ':', ' ', '\n', '//c\n', '/*x*/', '/', '\u00a0', '+', '-', '.', 'e'],
  ['"a"', "'b'", '"\\x41"', "'\\''", '"\\v"', '"é', '"a\\\nb"', '"\t"', "'\"'", '"\\0"', '"\\q"'],
  ['abc', 'é', '\\u0061', '$_', 'nullx', 'true', 'null', 'Infinity', '-inf', 'NaN', 'QNaN'],
  ['1', '-2.5', '+3', '.5', '5.', '0x1F', '01', '1e5', '1e', '5.e2', '-.', '0', '9e999'],
  ['{a:1}', '[1,]', '{"x":1,}', '-Infinity'],
].flat()

const known = [
  ['', ' ', '1 2', '[1] x', '{a:1 b}', '"abc', '["a","b', '{"é": x}', '[[[', '{a', '{a:', '{a:1'],
  ['0..', '1.2.3', '1e1e1', '1e1.5', '+e1', '{\\u0061:1}', '{a/*x*/:1}', '{a//c\n:1}', '[1,,2]'],
  ['{a:null,{"h":[1,[1,2,3]],"j":"abc"}:true}'],
].flat()

function documents(seed: number, count: number): string[] {
  const random = createRandom(seed)
  const piece = (): string => random.pick(pieces)
  const several = (least: number, most: number, make: () => string): string[] =>
    Array.from({ length: random.integer(least, most) }, make)
  const shapes = [
    () => several(1, 6, piece).join(''),
    () => `[${several(0, 3, piece).join(',')}]`,
    () => `{${several(1, 3, () => `${piece()}:${piece()}`).join(',')}}`,
    piece,
  ]
  return Array.from({ length: count }, () => random.pick(shapes)())
}

test('a text is JSON5, with its one JSON or the place of its fault, where it is for SQLite', async () => {
  const db = new Database(':memory:')
  const ours = db.prepare<[{ t: string }], { fault: number; canonical: string | null }>(
    `SELECT json_error_position(:t) AS fault,
      CASE WHEN json_error_position(:t) = 0 THEN json(:t) END AS canonical`,
  )
  const texts = [...known, ...documents(20_261_127, 3000)]
  const { rows } = await client.query<{ fault: number | null; canonical: string | null }>(
    'SELECT f.fault, f.canonical FROM unnest($1::text[]) WITH ORDINALITY u(t, n), sqlite.json5(t) f ORDER BY n',
    [texts],
  )
  const answers = rows.map(({ fault, canonical }) => ({ fault: fault ?? 0, canonical }))
  expect(texts.map((t, index) => [t, answers[index]])).toEqual(
    texts.map((t) => [t, ours.get({ t })]),
  )
  db.close()
})
