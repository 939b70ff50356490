import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRowWriter } from '../../src/values/export-text.ts'
import { InvalidText } from '../../src/values/invalid-text.ts'
import type { Value } from '../../src/values/value.ts'
import { value } from './arbitrary.ts'
import { readExport } from './read-export.ts'

const invalid = fc
  .constantFrom([0x61, 0xff, 0x22, 0x62], [0xc3], [0xed, 0xa0, 0x80], [0x22, 0x0d, 0x0a, 0xfe])
  .map((bytes) => new InvalidText(Buffer.from(bytes)))

function written(format: 'csv' | 'jsonl', rows: readonly Value[][]): Buffer {
  const writer = createRowWriter(format, ['a', 'b "quoted"', '__proto__'])
  const parts = [writer.head, ...rows.map((row) => writer.row(row))]
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

test.each(['csv', 'jsonl'] as const)('%s gives every value back, class and bits', (format) => {
  const cell: fc.Arbitrary<Value> = fc.oneof(value, invalid)
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell)), (rows) => {
      expect(readExport(format, written(format, rows))).toStrictEqual(rows)
    }),
  )
})

const row: Value[] = [
  null,
  '',
  'a "b",\r\n',
  7n,
  '7',
  9007199254740993n,
  7,
  -0,
  1e-310,
  Number.POSITIVE_INFINITY,
  Buffer.from([0, 255]),
  Buffer.alloc(0),
]
const columns = row.map((_, index) => `c${index}`)

test('csv has text in quotes, and nothing else', () => {
  const writer = createRowWriter('csv', columns)
  expect(writer.head).toBe(`${columns.map((name) => `"${name}"`).join(',')}\r\n`)
  expect(writer.row(row)).toBe(
    ',"","a ""b"",\r\n",7,"7",9007199254740993,7.0,-0.0,1e-310,Infinity,\\x00ff,\\x\r\n',
  )
})

test('jsonl has an object for what JSON has no form for', () => {
  expect(createRowWriter('jsonl', columns).row(row)).toBe(
    '{"c0":null,"c1":"","c2":"a \\"b\\",\\r\\n","c3":7,"c4":"7","c5":{"$integer":"9007199254740993"},"c6":7.0,' +
      '"c7":-0.0,"c8":1e-310,"c9":{"$real":"Infinity"},"c10":{"$blob":"AP8="},"c11":{"$blob":""}}\n',
  )
})
