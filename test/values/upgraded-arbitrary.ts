import * as fc from 'fast-check'
import type { Affinity, UpgradedType, Value } from '../../src/values/value.ts'
import { value } from './arbitrary.ts'

export const upgradedColumns: readonly (readonly [Affinity, UpgradedType])[] = [
  ['integer', 'boolean'],
  ['numeric', 'boolean'],
  ['blob', 'boolean'],
  ['text', 'date'],
  ['numeric', 'date'],
  ['text', 'timestamptz'],
  ['numeric', 'timestamptz'],
  ['text', 'timestamptz(iso)'],
  ['integer', 'timestamptz(seconds)'],
  ['integer', 'timestamptz(milliseconds)'],
  ['numeric', 'timestamptz(milliseconds)'],
  ['text', 'uuid'],
  ['blob', 'uuid'],
  ['text', 'json'],
  ['numeric', 'json'],
  ['text', 'jsonb'],
  ['numeric', 'numeric(10,2)'],
  ['real', 'numeric(15,4)'],
  ['integer', 'numeric(12,0)'],
]

const year = fc.oneof(
  fc.constantFrom(1, 99, 1969, 1970, 2024, 9999),
  fc.integer({ min: 1, max: 9999 }),
)
const two = (max: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'))

/** Days that mostly are in a calendar; the thirtieth of February is not. */
const day = fc
  .tuple(year, fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 2, 28, 29, 30, 31))
  .map((parts) => parts.map((part, at) => String(part).padStart(at === 0 ? 4 : 2, '0')).join('-'))

const time = fc.tuple(two(24), two(60), two(60)).map((parts) => parts.join(':'))

const fraction = fc.oneof(
  fc.constantFrom('', '.5', '.050', '.123', '.100', '.123456', '.1234567', '.000001', '.'),
  fc.integer({ min: 0, max: 999_999 }).map((digits) => `.${digits}`),
)

const moment = fc
  .tuple(day, fc.constantFrom(' ', 'T', '  '), time, fraction, fc.constantFrom('', 'Z', '+00', 'z'))
  .map((parts) => parts.join(''))

const uuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  fc.uuid().map((text) => text.replaceAll('-', '')),
  fc.constantFrom(
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '{00000000-0000-0000-0000-000000000000}',
  ),
)

/** Documents as applications write them, with names in any order, and texts that are hardly JSON. */
const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc
    .dictionary(fc.constantFrom('a', 'b', 'aa', 'é', '', 'B'), fc.jsonValue({ maxDepth: 1 }))
    .map((object) => sorted(object)),
  fc.json({ maxDepth: 2 }).map((text) => text.replaceAll(',', ', ').replaceAll(':', ' : ')),
  fc.constantFrom(
    '{"a":1,"a":2}',
    '{"":1,"":2}',
    '{"b":1,"a":2}',
    '{"a":1.0}',
    '1e3',
    '-0',
    '0.10',
    '0.1',
    '"\\u0041"',
    '"\\/"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u001f\\n"',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    ' 1',
    'null',
    '"null"',
    '{"a b":" c : d "}',
    '123456789012345678901234567890',
    '0.12345678901234567890123',
  ),
)

function sorted(object: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(object).toSorted(
    (a, b) =>
      Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(object[name])}`).join(',')}}`
}

const counted = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n, -62_135_596_800n, -62_135_596_801n, 253_402_300_799n),
  fc.constantFrom(253_402_300_800n, 253_402_300_799_999n, 253_402_300_800_000n),
  fc.bigInt({ min: -(10n ** 12n), max: 2n * 10n ** 12n }),
)

const decimal = fc.oneof(
  fc.tuple(fc.integer(), fc.constantFrom(1, 10, 100, 1000, 1e5)).map(([whole, by]) => whole / by),
  fc.constantFrom(0.1 + 0.2, 1e7, 99_999_999.99, 100_000_000, 123_456_789_012, 0.005, -0.01, 1e-4),
)

/** Values of the forms and near them, with any other besides. */
export const upgradedValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: day },
  { weight: 4, arbitrary: moment },
  { weight: 2, arbitrary: uuid },
  { weight: 5, arbitrary: json },
  { weight: 2, arbitrary: counted },
  { weight: 3, arbitrary: decimal },
  { weight: 1, arbitrary: value },
)
