import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { functions } from '../../src/sql/functions/functions.ts'
import { isKnownFunction } from '../../src/sql/functions/known.ts'

interface Listed {
  readonly name: string
  readonly narg: number
}

function listed(): Listed[] {
  const db = new Database(':memory:')
  const rows = db.prepare('SELECT DISTINCT name, narg FROM pragma_function_list').all() as Listed[]
  db.close()
  return rows
}

test('every function of this SQLite is mapped or refused, with every number of arguments that it takes', () => {
  const missing = listed().filter(({ name, narg }) => {
    // A negative number stands for any number of arguments: from one less than its size on below -1.
    const count = narg >= 0 ? narg : Math.max(0, -narg - 1)
    return functions.find(name, count) === undefined
  })
  expect(missing).toEqual([])
})

test('a function that SQLite does not have is not there', () => {
  const names = new Set(listed().map(({ name }) => name))
  expect(
    ['pg_sleep', 'gen_random_uuid', 'md5', 'regexp'].filter((name) => functions.has(name)),
  ).toEqual([])
  for (const name of names) expect([name, isKnownFunction(name)]).toEqual([name, true])
})

test('a number of arguments that SQLite refuses has no entry', () => {
  const counts: Readonly<Record<string, number>> = {
    abs: 2,
    length: 0,
    substr: 1,
    replace: 2,
    json_patch: 1,
    sum: 2,
    ntile: 0,
    timediff: 1,
    iif: 1,
  }
  for (const [name, count] of Object.entries(counts)) {
    expect([name, functions.find(name, count)]).toEqual([name, undefined])
  }
})
