import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../../src/values/value.ts'
import { upgradedValue } from '../../values/upgraded-arbitrary.ts'
import { differences } from '../dml/compare.ts'
import { openPlaces, type Places, type Statement } from '../dml/places.ts'
import { columns, schema } from './fixture.ts'

let places: Places
beforeAll(async () => {
  places = await openPlaces(schema, undefined, columns)
}, 60_000)
afterAll(() => places[Symbol.asyncDispose]())

const upgraded = Object.keys(columns).filter((path) => path !== 'users.raw')

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
const value = fc
  .oneof({ weight: 3, arbitrary: near }, { weight: 2, arbitrary: upgradedValue })
  .filter((each) => typeof each !== 'string' || !/\0|\p{Surrogate}/u.test(each))

const operator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT')

const literal = (each: Value): string => {
  if (each === null) return 'NULL'
  if (typeof each === 'string') return `'${each.replaceAll("'", "''")}'`
  if (Buffer.isBuffer(each)) return `x'${each.toString('hex')}'`
  if (typeof each === 'bigint') return String(each)
  if (!Number.isFinite(each)) return each > 0 ? '9e999' : '-9e999'
  return /[.e]/.test(String(each)) ? String(each) : `${each}.0`
}

const statement: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.constantFrom(...upgraded),
    operator,
    fc.array(value, { minLength: 3, maxLength: 3 }),
    fc.integer({ min: 0, max: 5 }),
  )
  .map(([path, op, [a = null, b = null, c = null], form]): Statement => {
    const [table = '', column = ''] = path.split('.')
    const select = (condition: string): string =>
      `SELECT count(*), sum(${condition}), sum((${condition}) IS NULL) FROM ${table}`
    switch (form) {
      case 0:
        return [select(`${column} ${op} ?1`), a]
      case 1:
        return select(`${column} ${op} ${literal(a)}`)
      case 2:
        return [select(`?1 ${op} ${column}`), a]
      case 3:
        return [select(`${column} IN (?1, ?2, ?3)`), a, b, c]
      case 4:
        return select(`${column} NOT IN (${[a, b, c].map(literal).join(', ')})`)
      default:
        return [select(`${column} BETWEEN ?1 AND ?2`), a, b]
    }
  })

test('a comparison with any value says what it says on SQLite', async () => {
  await fc.assert(
    fc.asyncProperty(statement, async (each) => {
      expect(await differences(places, each)).toEqual([])
    }),
    { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 600) },
  )
}, 240_000)
