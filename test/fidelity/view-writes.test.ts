import { inspect } from 'node:util'
import { array, assert, asyncProperty, constantFrom, oneof, record, tuple } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { translator } from './suites.ts'
import { Twin } from './twin.ts'

const columns = ['i', 'r', 't', 'c', 'd', 'n', 'e', 'f'] as const

/** Each class of value meets each affinity, and the triggers write down what they were given. */
const schema = `
  CREATE TABLE base (id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, c TEXT COLLATE NOCASE, d DATETIME, n DECIMAL);
  INSERT INTO base VALUES (1, 1, 1.5, 'one', 'One', '2020-01-01', 1), (2, NULL, NULL, NULL, NULL, NULL, NULL), (3, 7, 7, '7', 'x', 'd', 7.25);
  CREATE TABLE seen (id INTEGER PRIMARY KEY, what TEXT);
  CREATE VIEW v AS SELECT id, i, r, t, c, d, n, i + 1 AS e, CAST(t AS TEXT) AS f FROM base;
  CREATE TRIGGER ins INSTEAD OF INSERT ON v BEGIN
    INSERT INTO seen (what) VALUES ('new ' || ${columns.map((name) => `typeof(NEW.${name}) || quote(NEW.${name})`).join(' || ')});
    INSERT INTO seen (what) VALUES (concat_ws(',', NEW.t = 5, NEW.c = 'ONE', NEW.i > '3', NEW.r = 1, NEW.i + 1, NEW.t || NEW.r, coalesce(NEW.e, 'none')));
    INSERT INTO seen (what) VALUES (concat_ws(',', NEW.t = NEW.c, NEW.c = NEW.t, NEW.t < NEW.c, NEW.e IS NEW.c, (SELECT count(*) FROM base WHERE t = NEW.c)));
    UPDATE base SET i = NEW.i WHERE id = 3 AND typeof(NEW.i) IN ('integer', 'null');
    UPDATE base SET t = NEW.t WHERE id = NEW.e; END;
  CREATE TRIGGER upd INSTEAD OF UPDATE ON v BEGIN
    INSERT INTO seen (what) VALUES ('upd ' || ${columns.map((name) => `typeof(NEW.${name}) || quote(NEW.${name}) || quote(OLD.${name})`).join(' || ')});
    INSERT INTO seen (what) SELECT OLD.id || count(*) FROM base WHERE i = NEW.i OR t = NEW.t OR c = NEW.c; END;
  CREATE TRIGGER of_r INSTEAD OF UPDATE OF r ON v WHEN NEW.r IS NOT OLD.r BEGIN
    INSERT INTO seen (what) VALUES ('r ' || quote(NEW.r)); END;
  CREATE TRIGGER del INSTEAD OF DELETE ON v WHEN OLD.id > 1 BEGIN
    INSERT INTO seen (what) VALUES ('del ' || quote(OLD.d) || quote(OLD.n) || typeof(OLD.n)); END;`

const column = constantFrom(...columns)
const literal = constantFrom(
  'NULL',
  '5',
  '5.0',
  '2.5',
  `'5'`,
  `' 2.5 '`,
  `'x'`,
  `'One'`,
  `x'35'`,
  '-9223372036854775808',
  '1e300',
)
const computed = constantFrom(
  'i + 1',
  'r',
  't',
  'c',
  'd',
  'n',
  'n * 2',
  'e',
  `t || 'x'`,
  'i > 1',
  '(SELECT max(i) FROM base)',
)
const parameter = constantFrom<unknown>(
  5,
  2.5,
  5n,
  '5',
  'x',
  '2.50',
  null,
  Buffer.from('35', 'hex'),
)
const where = constantFrom('', ' WHERE id = 1', ' WHERE i > 2', ` WHERE c = 'ONE'`, ' WHERE e = 8')

interface Written {
  readonly sql: string
  readonly args: readonly unknown[]
}

/** A value in SQL; a parameter stands as `?` with what is bound to it. */
const value = oneof(
  { weight: 2, arbitrary: literal.map((sql): Written => ({ sql, args: [] })) },
  { weight: 2, arbitrary: parameter.map((arg): Written => ({ sql: '?', args: [arg] })) },
)
const assigned = oneof(
  { weight: 3, arbitrary: value },
  computed.map((sql): Written => ({ sql, args: [] })),
)
const cells = array(record({ column, value }), { minLength: 1, maxLength: 4 }).map((list) => [
  ...new Map(list.map((each) => [each.column, each])).values(),
])
const join = (list: readonly { value: Written }[]): string =>
  list.map((each) => each.value.sql).join(', ')
const argsOf = (list: readonly { value: Written }[]): unknown[] =>
  list.flatMap((each) => each.value.args)

const insert = cells.map((list): Written => {
  const names = list.map((each) => each.column).join(', ')
  return { sql: `INSERT INTO v (${names}) VALUES (${join(list)})`, args: argsOf(list) }
})
const insertSelect = tuple(where, computed, computed).map(([rows, a, b]): Written => ({
  sql: `INSERT INTO v (i, t) SELECT ${a}, ${b} FROM base${rows}`,
  args: [],
}))
const update = tuple(
  array(record({ column, value: assigned }), { minLength: 1, maxLength: 3 }),
  where,
).map(([list, rows]): Written => {
  const sets = [...new Map(list.map((each) => [each.column, each])).values()]
  const text = sets.map((each) => `${each.column} = ${each.value.sql}`).join(', ')
  return { sql: `UPDATE v SET ${text}${rows}`, args: argsOf(sets) }
})
const remove = where.map((rows): Written => ({ sql: `DELETE FROM v${rows}`, args: [] }))
const write = oneof(insert, insert, insertSelect, update, update, remove)

let server: FidelityServer
beforeAll(async () => {
  server = await openFidelityServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test('a view that is written gives its triggers what it gives them on SQLite, or is refused', async () => {
  const counts = { identical: 0, refused: 0 }
  await assert(
    asyncProperty(array(write, { minLength: 3, maxLength: 6 }), async (writes) => {
      const twin = await Twin.open(server, { makeTranslator: translator })
      try {
        twin.sqlite.exec(schema)
        for (const { sql, args } of writes) {
          const { outcome } = await twin.run(sql, args)
          expect(
            outcome?.verdict === 'different' ? outcome : null,
            `${sql} ${inspect(args)}`,
          ).toBeNull()
          if (outcome?.verdict === 'refused') counts.refused += 1
          else counts.identical += 1
          // What is refused has happened on SQLite alone.
          if (outcome?.verdict === 'refused') return
          for (const read of [
            'SELECT what FROM seen ORDER BY what',
            'SELECT * FROM base ORDER BY id',
          ])
            expect((await twin.run(read)).outcome, `${sql} ${inspect(args)}`).toEqual({
              verdict: 'identical',
              cause: '',
              detail: '',
            })
        }
      } finally {
        await twin.close()
        await server.renew()
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 25) },
  )
  expect(counts.identical).toBeGreaterThan(counts.refused)
})
