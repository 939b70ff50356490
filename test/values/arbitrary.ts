import * as fc from 'fast-check'
import { InvalidText } from '../../src/values/invalid-text.ts'
import type { Affinity, PostgresType, Value } from '../../src/values/value.ts'

/** Integers with weight on the edges of doubles and of 64 bits. */
export const integer: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map(BigInt),
  fc
    .tuple(
      fc.constantFrom(53n, 62n, 63n),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(1n, -1n),
    )
    .map(([bits, offset, sign]) => BigInt.asIntN(64, sign * (2n ** bits + BigInt(offset)))),
)

/** Every double but NaN, with weight on integral ones and on the edges. */
export const real: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  integer.map(Number),
  fc.constantFrom(
    0,
    -0,
    Infinity,
    -Infinity,
    5e-324,
    2.2250738585072014e-308,
    0.1,
    1e15,
    1e21,
    1e-7,
  ),
  fc.constantFrom(
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2 ** 63,
    -(2 ** 63),
    2 ** 53,
    9223372036854774784,
  ),
)

/** Text that SQLite may take for a number, or that breaks naive quoting. */
const awkward: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    'NULL',
    'null',
    '\\N',
    '\\.',
    '{}',
    '"',
    '\\',
    '\r\n',
    '\t',
    'é',
    '\u{1f600}',
  ),
  fc.constantFrom(
    'Inf',
    'nan',
    '0x10',
    '1e999',
    '-9e999',
    ' 5 ',
    '+5',
    '5.',
    '.5',
    '1e',
    '1_000',
    '-0',
  ),
  fc.string({ unit: fc.constantFrom(...Array.from(' \t\n0123456789+-.eE')), maxLength: 12 }),
)

export const text: fc.Arbitrary<string> = fc.oneof(
  awkward,
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
)

export const blob: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes))

/** Texts whose bytes are not UTF-8. */
export const invalidText: fc.Arbitrary<InvalidText> = fc
  .tuple(blob, fc.constantFrom(0x80, 0xff), blob)
  .map(([a, byte, b]) => new InvalidText(Buffer.concat([a, Buffer.from([0x20, byte]), b])))

export const value: fc.Arbitrary<Value> = fc.oneof(fc.constant(null), integer, real, text, blob)

export const postgresTypes: readonly PostgresType[] = [
  'bigint',
  'double precision',
  'numeric',
  'text',
  'bytea',
]

/** One declared type for each affinity. https://www.sqlite.org/datatype3.html */
export const declaredTypes: Readonly<Record<Affinity, string>> = {
  integer: 'INTEGER',
  real: 'REAL',
  numeric: 'NUMERIC',
  text: 'TEXT',
  blob: '',
}
