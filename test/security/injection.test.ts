import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdmin } from '../../src/admin/index.ts'
import { isLockstepError } from '../../src/core/errors.ts'
import { parseFlagsText } from '../../src/route/flags-document.ts'
import { quoteIdentifier as quote } from '../../src/schema/quote.ts'
import { callerOf, tokens } from '../admin/caller.ts'
import { openPair, rollback, flip, type Pair } from '../support/pair.ts'

/** What would be something else than a name, or a value, wherever it is put into a text unquoted. */
const hostile = [
  `"; DROP TABLE canary; --`,
  `'; DROP TABLE canary; --`,
  `a"b'c`,
  `$1`,
  `$capture$ x $capture$`,
  `$key$ x $key$`,
  `$$; SELECT 1`,
  `back\\slash`,
  `per%cent %s %I %L`,
  `-- comment`,
  `/* comment`,
  `line\nbreak`,
  `tab\tand space `,
  `Ünï😀côde`,
  `select`,
  `__proto__`,
  `constructor`,
  `{"json": "[x]"}`,
  `x`.repeat(50),
]

const canary = `CREATE TABLE canary (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO canary VALUES (1, 'sings')`
const schema = [
  canary,
  // Its automatic key has a function of its own, which names the column.
  `CREATE TABLE automatic ("$key$ x $key$" INTEGER PRIMARY KEY, "$capture$" TEXT)`,
  ...hostile.map(
    (name, n) => `CREATE TABLE ${quote(name)} (
      ${quote(`${name}k`)} TEXT PRIMARY KEY, ${quote(`${name}v`)} TEXT DEFAULT '${name.replaceAll("'", "''")}');
      CREATE INDEX ${quote(`${name}i`)} ON ${quote(name)} (${quote(`${name}v`)});
      CREATE TRIGGER ${quote(`${name}t`)} AFTER INSERT ON ${quote(name)} WHEN NEW.${quote(`${name}k`)} = 'first' BEGIN
        UPDATE canary SET v = 'sings ${n}' WHERE id = 1; END;`,
  ),
].join(';\n')

let pair: Pair
beforeAll(async () => {
  pair = await openPair({ schema })
})
afterAll(() => pair.close())

/** Both places have the tables that they had, and the same rows. */
async function expectIntact(): Promise<void> {
  await pair.db.caughtUp()
  const names = [...hostile, 'canary', 'automatic'].toSorted()
  const onSqlite = pair.sqliteRows(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_lockstep%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'`,
  )
  const onPostgres = await pair.pgRows(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  )
  expect(onSqlite.flat().map(String).toSorted()).toEqual(names)
  expect(onPostgres.flat().map(String).toSorted()).toEqual(names)
  expect(await pair.differences()).toEqual([])
}

async function writeEach(): Promise<void> {
  for (const name of hostile) {
    const [table, key, value] = [quote(name), quote(`${name}k`), quote(`${name}v`)]
    const set = `ON CONFLICT (${key}) DO UPDATE SET ${value} = excluded.${value}`
    await pair.db.run(`INSERT INTO ${table} (${key}, ${value}) VALUES (?, ?) ${set}`, [name, name])
    await pair.db.run(`INSERT INTO ${table} (${key}) VALUES ('first') ON CONFLICT DO NOTHING`)
    await pair.db.run(`UPDATE ${table} SET ${value} = ${value} || ? WHERE ${key} = ?`, [name, name])
    expect(
      await pair.db.get(`SELECT ${value} AS v FROM ${table} WHERE ${key} = ?`, [name]),
    ).toEqual({ v: name + name })
    await pair.db.run(`DELETE FROM ${table} WHERE ${key} = 'first'`)
  }
  await pair.db.run('INSERT INTO automatic ("$capture$") VALUES (?)', ['$capture$'])
}

describe('names that are SQL are names', () => {
  test('on SQLite, on PostgreSQL and on the way there and back', async () => {
    await writeEach()
    await flip(pair.db)
    await writeEach()
    await expectIntact()
    await pair.db.repair({ table: hostile[0] as string, keys: [[hostile[0] as string]] })
    expect((await pair.db.status()).primary).toBe('postgres')
    await rollback(pair.db)
    await expectIntact()
  })

  test('where operators and requests give them', async () => {
    for (const name of hostile)
      await pair.db.repair({ table: `${name}x` }).then(
        () => expect.unreachable(),
        (error: unknown) => expect(isLockstepError(error, 'TABLE_UNKNOWN')).toBe(true),
      )
    await expectIntact()
  })
})

/** A lone half of a character has no form in a URL. */
const wellFormed = (text: string): string => Buffer.from(text).toString()

const piece = fc.oneof(
  fc.constantFrom(
    ...hostile,
    `')`,
    `",`,
    `;--`,
    `E'\\''`,
    `\\x00`,
    `U&'\\0041'`,
    `NULL`,
    `$2`,
    `?`,
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('').replaceAll('\0', ''))
const runs = { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 40) }

describe.each(['sqlite', 'postgres'] as const)('values that are SQL are values on %s', (place) => {
  test('bound, and in literals', async () => {
    if (place === 'postgres') await flip(pair.db)
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        await pair.db.run('UPDATE canary SET v = ? WHERE id = 1', [value])
        const literal = `'${value.replaceAll("'", "''")}'`
        const sql = `SELECT v, v = ${literal} AS same, ${literal} AS l FROM canary WHERE v = ? AND v = ${literal}`
        expect(await pair.db.all(sql, [value])).toEqual([{ v: value, same: 1, l: value }])
      }),
      runs,
    )
    await expectIntact()
    if (place === 'postgres') await rollback(pair.db)
  })
})

const flagNames = ['ack', 'mirror', 'primary', 'reads', 'shadow']

/** `flags` for flags, and for a refusal that says so; else what is wrong. */
function outcomeOf(document: string): string {
  try {
    const names = Object.keys(parseFlagsText(document)).toSorted()
    return names.join() === flagNames.join() ? 'flags' : `has ${names.join()}`
  } catch (error) {
    return isLockstepError(error, 'FLAGS_INVALID') ? 'flags' : String(error)
  }
}

test('whatever stands in a flags file, it is flags or refused, and changes no object', () => {
  const wild = fc.oneof(
    fc.json().map(String),
    text,
    fc
      .tuple(
        fc.constantFrom('mirror', 'primary', 'reads', 'ack', '__proto__', 'constructor', 'shadow'),
        fc.oneof(
          text,
          fc.json(),
          fc.constantFrom('!!js/function "x"', '&a [*a]', '{ postgres: 1e99 }'),
        ),
      )
      .map(([key, value]) => `${key}: ${value}`),
  )
  fc.assert(
    fc.property(wild, (document) => {
      expect([document, outcomeOf(document)]).toEqual([document, 'flags'])
      expect(Object.keys(Object.prototype)).toEqual([])
    }),
    { numRuns: 20 * runs.numRuns },
  )
})

test('whatever a request says, it is answered with no failure of the server, and nothing changes but what it may', async () => {
  const call = callerOf(createAdmin(pair.db, { tokens, rate: { burst: 10_000, perSecond: 1000 } }))
  const before = (await pair.db.status()).flags
  const route = fc.constantFrom(
    ...(['/v1/flags PATCH', '/v1/repair POST', '/v1/verify POST', '/v1/flip POST'] as const),
    ...([
      '/v1/audit GET',
      '/v1/statements GET',
      '/v1/divergences GET',
      '/v1/quarantine GET',
    ] as const),
  )
  const field = fc.constantFrom(
    'table',
    'keys',
    'to',
    'reads',
    'limit',
    'after',
    'sample',
    '__proto__',
  )
  await fc.assert(
    fc.asyncProperty(route, field, fc.oneof(text, fc.jsonValue()), async (target, name, value) => {
      const [path = '', method = ''] = target.split(' ')
      const query = `?${encodeURIComponent(name)}=${encodeURIComponent(wellFormed(JSON.stringify(value)))}`
      const body = { [name]: value }
      const { status } = await (method === 'GET'
        ? call(method, path + query, undefined)
        : call(method, path, body))
      expect([target, body, status < 500]).toEqual([target, body, true])
    }),
    runs,
  )
  expect((await pair.db.status()).flags).toEqual(before)
  await expectIntact()
})
