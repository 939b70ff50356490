import * as fc from 'fast-check'
import Database from 'better-sqlite3'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelOf } from '../../schema/carry.ts'
import { codecFor, Unencodable } from '../../../src/values/codec.ts'
import type { Value } from '../../../src/values/value.ts'
import { openPlaces, type Places, type Statement } from '../dml/places.ts'
import { columns, schema } from './fixture.ts'
import { literal, upgraded, value } from './near.ts'

let places: Places
const sqlite = new Database(':memory:')
sqlite.exec(schema)
sqlite.defaultSafeIntegers(true)
const { tables } = modelOf(sqlite, columns).schema
beforeAll(async () => {
  places = await openPlaces(schema, undefined, columns)
}, 60_000)
afterAll(async () => {
  sqlite.close()
  await places[Symbol.asyncDispose]()
})

/** Whether the column carries what SQLite keeps of the value there. */
function isCarried(path: string, each: Value): boolean {
  const [table = '', name = ''] = path.split('.')
  const column = tables.find((one) => one.name === table)?.columns.find((one) => one.name === name)
  if (column === undefined) throw new Error(`no column ${path}`)
  sqlite.exec('BEGIN')
  sqlite.exec('CREATE TABLE kept (v ' + column.declaredType + ')')
  sqlite.prepare('INSERT INTO kept VALUES (?)').run(each)
  const kept = sqlite.prepare<[], Value>('SELECT v FROM kept').pluck().get() ?? null
  sqlite.exec('ROLLBACK')
  return !(codecFor(column).encode(kept) instanceof Unencodable)
}

const store: fc.Arbitrary<readonly [path: string, value: Value, statement: Statement]> = fc
  .tuple(fc.constantFrom(...upgraded), value, fc.integer({ min: 0, max: 3 }))
  .map(([path, each, form]) => {
    const [table = '', column = ''] = path.split('.')
    const key = table === 'posts' ? 'id = 1' : table === 'slots' ? 'room = 2' : `name = 'Ann'`
    const update = (sql: string): string => `UPDATE ${table} SET ${column} = ${sql} WHERE ${key}`
    if (form === 0) return [path, each, [update('?1'), each]]
    if (form === 1) return [path, each, update(literal(each))]
    if (form === 2) return [path, each, [update('ifnull(?1, NULL)'), each]]
    return [
      path,
      each,
      [update(`CASE WHEN name IS NULL THEN 5 ELSE ?1 END`.replace('name', column)), each],
    ]
  })

test('a value is stored as SQLite keeps it, or refused where the column cannot give it back', async () => {
  await fc.assert(
    fc.asyncProperty(store, async ([path, each, statement]) => {
      const { sqlite: theirs, postgres: ours } = await places.outcomes([statement])
      const { error } = (ours[0]?.answer ?? {}) as { error?: string }
      // A CASE of unlike classes may be refused as such.
      const isRefused = error === 'SQL_UNSUPPORTED'
      const isUnlike = statement[0].includes('CASE') || !isCarried(path, each)
      expect(isRefused ? isUnlike : isDeepStrictEqual(ours, theirs)).toBe(true)
    }),
    { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 500) },
  )
}, 240_000)
