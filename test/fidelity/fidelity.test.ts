import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTranslator } from '../../src/sql/translate/translator.ts'
import { createPlainTranslator } from '../support/plain-translator.ts'
import { createCheckedTranslator, NotPostgres } from '../support/postgres-parser.ts'
import { fallen, readFloors } from './floors.ts'
import type { MakeTranslator } from './postgres-side.ts'
import { measureIndexUse } from './index-use.ts'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { suites, translator } from './suites.ts'

const floors = readFloors().ci
let server: FidelityServer

beforeAll(async () => {
  server = await openFidelityServer()
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

/** Suites whose data is not there are left out; under CI that is an error. */
const scored = async (name: string, make: MakeTranslator): Promise<string[]> => {
  const suite = suites.find((each) => each.name === name)
  const score = await suite?.run(server, make, 'ci')
  return score === null || score === undefined ? ['no data'] : fallen(score, floors[name])
}

describe('fidelity does not fall', () => {
  test.each(suites.map(({ name }) => name))('%s is as faithful as it was', async (name) => {
    expect([[], ['no data']]).toContainEqual(await scored(name, translator))
  })

  test('the text as it is falls below the floor of the fuzzer, so that the measure can fail', async () => {
    expect(await scored('fuzz', createPlainTranslator)).not.toEqual([])
  })

  test('a text that is not one statement to PostgreSQL’s parser ends the measure', async () => {
    const doubled: MakeTranslator = (catalog) => {
      const translator = createTranslator(catalog)
      return {
        translate(sql, classes) {
          const made = translator.translate(sql, classes)
          const steps = made.steps.map((step) => ({ ...step, text: `${step.text}; ${step.text}` }))
          return { ...made, steps }
        },
      }
    }
    const checked: MakeTranslator = (catalog) => createCheckedTranslator(catalog, doubled)
    await expect(scored('fuzz', checked)).rejects.toThrow(NotPostgres)
  })
})

/** A LIKE ignores the case of letters, which only the index of a NOCASE column does. */
const unserved = ["SELECT * FROM events WHERE title LIKE 't4999%'"]

test('the server takes the index that an engineer would expect', async () => {
  const uses = await measureIndexUse(server, translator)
  const missed = uses.filter(({ isUsed }) => !isUsed).map(({ sql }) => sql)
  expect(missed).toEqual(unserved)
})
