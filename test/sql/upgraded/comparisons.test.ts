import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { differences } from '../dml/compare.ts'
import { openPlaces, type Places, type Statement } from '../dml/places.ts'
import { columns, schema } from './fixture.ts'
import { literal, upgraded, value } from './near.ts'

let places: Places
beforeAll(async () => {
  places = await openPlaces(schema, undefined, columns)
}, 60_000)
afterAll(() => places[Symbol.asyncDispose]())

const operator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT')

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
