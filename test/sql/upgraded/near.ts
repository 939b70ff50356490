import * as fc from 'fast-check'
import { InvalidText } from '../../../src/values/invalid-text.ts'
import type { Value } from '../../../src/values/value.ts'
import { upgradedValue } from '../../values/upgraded-arbitrary.ts'
import { columns } from './fixture.ts'

/** `table.column` of each idiomatic column. */
export const upgraded: readonly string[] = Object.keys(columns).filter(
  (path) => path !== 'users.raw',
)

/** What stands in the columns, and what lies next to it. */
const near = fc.constantFrom<Value>(
  '2024-01-01 00:00:00',
  '2024-01-01 00:00:00.5',
  '2024-01-01 00:00:00.50',
  '2024-01-01',
  '2024-01-0',
  '2024-01-01T00:00:00.000Z',
  '1980-02-29',
  '0001-01-01',
  '9999-12-31 23:59:59',
  '9999-12-31 23:59:59.9999999',
  '0a000000-0000-4000-8000-000000000001',
  '0A000000-0000-4000-8000-000000000001',
  '0a',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'g',
  '[]',
  19.99,
  '19.99',
  20n,
  20,
  '20.0',
  1704067200123n,
  1704067200123,
  1704067200123.5,
  '1704067200123',
  1n,
  0n,
  2n,
  '1',
  0.5,
  null,
)

/** No NUL and no half a character: PostgreSQL takes neither in a text. */
export const value: fc.Arbitrary<Value> = fc
  .oneof({ weight: 3, arbitrary: near }, { weight: 2, arbitrary: upgradedValue })
  .filter((each) => typeof each !== 'string' || !/\0|\p{Surrogate}/u.test(each))

/** The value in the words of SQL. */
export function literal(each: Value): string {
  if (each === null) return 'NULL'
  if (typeof each === 'string') return `'${each.replaceAll("'", "''")}'`
  if (Buffer.isBuffer(each)) return `x'${each.toString('hex')}'`
  if (typeof each === 'bigint') return String(each)
  if (each instanceof InvalidText) return each.toString()
  if (!Number.isFinite(each)) return each > 0 ? '9e999' : '-9e999'
  return /[.e]/.test(String(each)) ? String(each) : `${each}.0`
}
