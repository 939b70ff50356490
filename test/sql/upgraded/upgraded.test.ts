import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, refusal } from '../dml/compare.ts'
import { openPlaces, type Places, type Statement } from '../dml/places.ts'
import { columns, schema } from './fixture.ts'
import { reads } from './reads.ts'
import { misfits, writes } from './writes.ts'

let places: Places
beforeAll(async () => {
  places = await openPlaces(schema, undefined, columns)
}, 60_000)
afterAll(() => places[Symbol.asyncDispose]())

const nameOf = (statement: Statement): string =>
  typeof statement === 'string'
    ? statement
    : `${statement[0]} ${statement.slice(1).map(String).join(', ')}`

describe.each(Object.entries(reads))('queries of %s', (_, statements) => {
  test.each(statements.map((statement) => [nameOf(statement), statement] as const))(
    '%s gives what SQLite gives',
    async (_name, statement) => {
      expect(await differences(places, statement)).toEqual([])
    },
  )
})

test.each(writes.map((statement) => [nameOf(statement), statement] as const))(
  '%s leaves what SQLite leaves',
  async (_, statement) => {
    expect(await differences(places, statement)).toEqual([])
  },
)

test.each(misfits.map((statement) => [nameOf(statement), statement] as const))(
  '%s is refused, as the column could not give the value back',
  async (_, statement) => {
    expect(await refusal(places, statement)).toMatch(/cannot|in column/)
  },
)
