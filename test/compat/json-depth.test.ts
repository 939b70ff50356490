import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../src/values/value.ts'
import { differences, openTwins, type Twins } from '../support/compat.ts'

let twins: Twins
beforeAll(async () => {
  twins = await openTwins()
})
afterAll(() => twins.close())

type Call = readonly [string, ...Value[]]

test('a document of more than 1,000 levels is malformed, and brackets in its texts are none', async () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const calls = [
    nested(1000),
    nested(1001),
    `["${nested(1001)}"]`,
    `{"a":${nested(1000)}}`,
  ].flatMap((doc): Call[] => [
    ['json_valid', doc],
    ['json', doc],
    ['json_extract', doc, '$[0]'],
    ['json_array_length', doc],
    ['json_set', doc, '$.b', 1n],
  ])
  expect(await differences(twins, calls)).toEqual([])
})
