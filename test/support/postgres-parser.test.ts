import { describe, expect, test } from 'vitest'
import { compatFiles } from '../../src/compat/files.ts'
import type { Translation } from '../../src/sql/translation.ts'
import { openPlaces } from '../sql/dml/places.ts'
import {
  createCheckedTranslator,
  expectDdl,
  expectFunctions,
  kindsOf,
  NotPostgres,
} from './postgres-parser.ts'

const catalog = {} as Parameters<typeof createCheckedTranslator>[0]

function translationOf(...texts: string[]): Translation {
  const steps = texts.map((text) => ({ text, slots: [], role: 'result' as const }))
  return { kind: 'select', steps, columns: [], hiddenColumns: 0, order: 'none', assumptions: [] }
}

const broken = [
  ['nothing', ''],
  ['half a statement', 'SELECT 1 FROM'],
  ['SQLite’s own words', 'SELECT id FROM t INDEXED BY i WHERE id = ?1'],
  ['two statements', 'SELECT 1; DELETE FROM t'],
  ['a statement that is not on rows', 'DROP TABLE t'],
  ['a NUL character', "SELECT 'a\0b'"],
] as const

describe('an output that PostgreSQL’s parser does not read as one statement on rows fails the test', () => {
  test.each(broken)('%s', (_, text) => {
    const translator = createCheckedTranslator(catalog, () => ({
      translate: () => translationOf('SELECT 1', text),
    }))
    expect(() => translator.translate('', [])).toThrow(NotPostgres)
  })

  test('which no rig takes for an answer of PostgreSQL', async () => {
    await using places = await openPlaces('CREATE TABLE t (id INTEGER PRIMARY KEY)', (catalog) =>
      createCheckedTranslator(catalog, () => ({
        translate: () => translationOf('SELECT 1; SELECT 2'),
      })),
    )
    await expect(places.outcomes(['SELECT 1'])).rejects.toThrow(NotPostgres)
  })
})

const body = (text: string): string =>
  `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n text; BEGIN ${text} END $$`
const plan = (sql: string): Parameters<typeof expectDdl>[0] => ({
  statements: [{ sql, table: 't', object: 't', mayFail: true }],
  findings: [],
})

test.each([
  ['two statements', 'CREATE TABLE t (); CREATE TABLE u ()'],
  ['a body that is no PL/pgSQL', body('IF true THN RETURN NEW; END IF;')],
  ['an EXECUTE of half a statement', body(`EXECUTE 'DELETE FROM'; RETURN NEW;`)],
  ['an EXECUTE of two', body(`EXECUTE 'DELETE FROM t; DELETE FROM u'; RETURN NEW;`)],
  ['a loop over no query', body(`FOR n IN EXECUTE E'SELECT ''\\\\' LOOP END LOOP; RETURN NEW;`)],
])('DDL with %s fails the test', (_, sql) => {
  expect(() => expectDdl(plan(sql))).toThrow(NotPostgres)
})

test('what a trigger executes is read, in each form of its text', () => {
  const text = `EXECUTE 'DELETE FROM t WHERE a = $1' USING OLD.a; EXECUTE E'SELECT ''\\\\''' INTO n;
    FOR n IN EXECUTE 'SELECT 1' LOOP EXECUTE 'INSERT INTO t VALUES (''"'')'; END LOOP; RETURN NEW;`
  expect(expectFunctions(body(text))).toBe(4)
  expect(() => expectDdl(plan(body(text)))).not.toThrow()
})

test.each(compatFiles().map(({ group, sql }) => [group, sql] as const))(
  'PostgreSQL’s parser reads the compatibility group %s',
  (_, sql) => {
    expect(kindsOf(sql)).not.toEqual([])
    expect(() => expectFunctions(sql)).not.toThrow()
  },
)
