import { randomBytes } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { from as copyFrom } from 'pg-copy-streams'
import { afterEach, describe, expect, test } from 'vitest'
import { openPair, rollback, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER);
  CREATE TABLE pets (
    id INTEGER PRIMARY KEY,
    owner INTEGER REFERENCES people (id) ON DELETE CASCADE ON UPDATE CASCADE,
    sitter INTEGER REFERENCES people (id) ON DELETE SET NULL ON UPDATE CASCADE,
    name TEXT
  );
  INSERT INTO people VALUES (1, 'ada', 1), (2, 'bob', 2), (3, 'cy', 3);
  INSERT INTO pets VALUES (1, 1, 2, 'rex'), (2, 1, 3, 'tom'), (3, 2, 1, 'kit');
`

let pair: Pair
afterEach(() => pair.close())

async function copyIn(lines: string): Promise<void> {
  await pipeline(Readable.from([lines]), pair.pg.query(copyFrom('COPY people FROM STDIN')))
}

interface Way {
  readonly name: string
  readonly write: () => Promise<unknown>
  /** The triggers without which the write would be missed. */
  readonly triggers: readonly string[]
}

const sql = (text: string) => (): Promise<unknown> => pair.pg.query(text)

const ways: readonly Way[] = [
  {
    name: 'INSERT of several rows',
    write: sql(`INSERT INTO people VALUES (4, 'di', 4), (5, 'ed', 5)`),
    triggers: ['people insert'],
  },
  {
    name: 'INSERT ... SELECT',
    write: sql(`INSERT INTO people SELECT id + 10, name || '!', n FROM people`),
    triggers: ['people insert'],
  },
  {
    name: 'an upsert of several rows, some new and some not',
    write: sql(`INSERT INTO people VALUES (1, 'ada', 9), (7, 'gus', 7), (3, 'cy', 8)
      ON CONFLICT (id) DO UPDATE SET n = excluded.n`),
    triggers: ['people insert', 'people update'],
  },
  {
    name: 'an upsert that does nothing for some rows',
    write: sql(`INSERT INTO people VALUES (1, 'ada', 9), (7, 'gus', 7) ON CONFLICT DO NOTHING`),
    triggers: ['people insert'],
  },
  {
    name: 'COPY',
    write: () => copyIn('21\tuma\t1\n22\tvic\t\\N\n'),
    triggers: ['people insert'],
  },
  { name: 'TRUNCATE', write: sql('TRUNCATE pets'), triggers: ['pets truncate'] },
  {
    name: 'TRUNCATE ... CASCADE',
    write: sql('TRUNCATE people CASCADE'),
    triggers: ['people truncate', 'pets truncate'],
  },
  {
    name: 'a CTE that changes data',
    write: sql(`WITH gone AS (DELETE FROM pets WHERE id < 3 RETURNING *),
      moved AS (INSERT INTO people SELECT id + 50, name, 0 FROM gone RETURNING id)
      SELECT count(*) FROM moved`),
    triggers: ['pets delete', 'people insert'],
  },
  {
    name: 'UPDATE ... FROM',
    write: sql(
      `UPDATE people SET n = people.n + pets.id FROM pets WHERE pets.owner = people.id AND pets.id > 1`,
    ),
    triggers: ['people update'],
  },
  {
    name: 'MERGE',
    write:
      sql(`MERGE INTO people USING (VALUES (1, 'x'), (30, 'y')) AS v (id, name) ON people.id = v.id
      WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.name, 0)`),
    triggers: ['people insert', 'people delete'],
  },
  {
    name: 'ON DELETE CASCADE and ON DELETE SET NULL',
    write: sql('DELETE FROM people WHERE id = 1'),
    triggers: ['people delete', 'pets delete', 'pets update'],
  },
  {
    name: 'ON UPDATE CASCADE of a key',
    write: sql('UPDATE people SET id = 100 WHERE id = 1'),
    triggers: ['people update', 'pets update'],
  },
  {
    name: 'an update of every key at once',
    write: sql('UPDATE pets SET id = id + 1000'),
    triggers: ['pets update'],
  },
  {
    name: 'a trigger of the application on PostgreSQL that writes another table',
    write: sql(`
      CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE people SET n = n + 1 WHERE id = NEW.owner; RETURN NULL; END $$;
      CREATE TRIGGER tally AFTER INSERT ON pets FOR EACH ROW EXECUTE FUNCTION tally();
      INSERT INTO pets VALUES (9, 3, NULL, 'zoe')`),
    triggers: ['pets insert', 'people update'],
  },
  {
    name: 'a write inside a savepoint that is kept, beside one that is not',
    write: sql(`BEGIN; SAVEPOINT a; INSERT INTO people VALUES (60, 'kept', 0); RELEASE a;
      SAVEPOINT b; DELETE FROM people; ROLLBACK TO b; COMMIT`),
    triggers: ['people insert'],
  },
]

describe('a raw client of the PostgreSQL primary is captured:', () => {
  test.each(ways)('$name', async ({ write }) => {
    pair = await openPair({ schema, stage: 'flipped' })
    const before = await contents()
    await write()
    expect(await contents()).not.toEqual(before)
    expect(await pair.differences()).toEqual([])
  })
})

describe('without its trigger a verify finds what was missed:', () => {
  const missed = ways.flatMap(({ name, write, triggers }) =>
    triggers.map((trigger) => ({ name: `${trigger}: ${name}`, write, trigger })),
  )
  test.each(missed)('$name', async ({ write, trigger }) => {
    pair = await openPair({ schema, stage: 'flipped' })
    const [table, event] = trigger.split(' ')
    await pair.pg.query(`DROP TRIGGER lockstep_${event} ON ${table}`)
    await write()
    expect((await pair.db.verify()).equal).toBe(false)
  })
})

async function contents(): Promise<unknown> {
  const people = await pair.pgRows('SELECT * FROM people ORDER BY id')
  return [people, await pair.pgRows('SELECT * FROM pets ORDER BY id')]
}

describe('what a session has set does not change what is captured:', () => {
  const keys = `
    CREATE TABLE b (k BLOB PRIMARY KEY, v TEXT);
    CREATE TABLE r (k REAL PRIMARY KEY, v TEXT);
    INSERT INTO b VALUES (x'00ff5c27', 'first');
    INSERT INTO r VALUES (0.1, 'first'), (0.30000000000000004, 'second');
  `
  const settings = [
    `SET bytea_output = 'escape'`,
    'SET extra_float_digits = -15',
    'SET standard_conforming_strings = off',
    `SET search_path = ''`,
    `SET client_encoding = 'LATIN1'`,
    `SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'; SET lc_numeric = 'C'`,
  ]
  test.each(settings)('%s', async (setting) => {
    pair = await openPair({ schema: keys, stage: 'flipped' })
    await pair.pg.query(setting)
    await pair.pg.query(`INSERT INTO public.b VALUES (decode('deadbeef', 'hex'), 'new')`)
    await pair.pg.query(`DELETE FROM public.b WHERE v = 'first'`)
    await pair.pg.query('DELETE FROM public.r WHERE k = 0.30000000000000004')
    await pair.pg.query('UPDATE public.r SET k = 0.7000000000000001')
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT hex(k), v FROM b')).toEqual([['DEADBEEF', 'new']])
    expect(pair.sqliteRows('SELECT k, v FROM r')).toEqual([[0.7000000000000001, 'first']])
    expect(await pair.differences()).toEqual([])
  })
})

test('a role that has rights on the tables alone can write, and is captured and fenced', async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  const role = `lockstep_test_${randomBytes(6).toString('hex')}`
  await pair.pg.query(`CREATE ROLE ${role}; GRANT ALL ON people, pets TO ${role}`)
  try {
    await pair.pg.query(`SET ROLE ${role}`)
    await pair.pg.query(`INSERT INTO people VALUES (70, 'clerk', 0)`)
    await pair.pg.query('DELETE FROM people WHERE id = 1')
    await pair.pg.query('TRUNCATE pets')
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT id FROM people ORDER BY id')).toEqual([[2n], [3n], [70n]])
    expect(pair.sqliteRows('SELECT id FROM pets')).toEqual([])
    await expect(pair.pg.query('DELETE FROM lockstep.journal')).rejects.toMatchObject({
      code: '42501',
    })
    await rollback(pair.db)
    await expect(pair.pg.query('DELETE FROM people')).rejects.toMatchObject({ code: 'LS001' })
  } finally {
    await pair.pg.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
})

/** Operators and functions of a role's own, which write down as whom they run. */
const hijack = `
  CREATE TABLE evil.seen (as_whom name);
  CREATE FUNCTION evil.note() RETURNS boolean LANGUAGE sql SECURITY INVOKER
    AS 'INSERT INTO evil.seen VALUES (current_user); SELECT false';
  CREATE FUNCTION evil.text_op(text, text) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN PERFORM evil.note(); RETURN $1 OPERATOR(pg_catalog.=) $2; END';
  CREATE FUNCTION evil.int_op(bigint, integer) RETURNS bigint LANGUAGE plpgsql AS
    'BEGIN PERFORM evil.note(); RETURN 1; END';
  CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE plpgsql AS
    'BEGIN PERFORM evil.note(); RETURN NULL; END';
  CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS
    'BEGIN PERFORM evil.note(); RETURN NULL; END';
  CREATE FUNCTION evil.same(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN PERFORM evil.note(); RETURN $1 OPERATOR(pg_catalog.=) $2; END';
  CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.same);
  CREATE OPERATOR evil.+ (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = evil.int_op);
  CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.text_op);
  CREATE OPERATOR evil.% (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = evil.int_op);
  CREATE OPERATOR evil./ (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = evil.int_op);
`

test('what a role puts before pg_catalog in its search_path never runs with the rights of Lockstep', async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  const role = `lockstep_test_${randomBytes(6).toString('hex')}`
  await pair.pg.query(`CREATE ROLE ${role}; GRANT ALL ON people, pets TO ${role}`)
  await pair.pg.query(`CREATE SCHEMA evil AUTHORIZATION ${role}; SET ROLE ${role}; ${hijack}`)
  const write = async (id: number): Promise<unknown[][]> => {
    await pair.pg.query(`SET ROLE ${role}; SET search_path = evil, pg_catalog`)
    await pair.pg.query('BEGIN ISOLATION LEVEL SERIALIZABLE')
    await pair.pg.query(`INSERT INTO public.people VALUES (${id}, 'clerk ${id}', 0)`)
    await pair.pg.query(
      `UPDATE public.people SET name = 'x ${id}' WHERE id OPERATOR(pg_catalog.=) ${id}`,
    )
    await pair.pg.query('COMMIT; RESET ROLE; RESET search_path')
    return pair.pgRows('SELECT DISTINCT as_whom FROM evil.seen')
  }
  try {
    expect(await write(70)).toEqual([])
    // A body that leaves its operators to the search_path is caught.
    await pair.pg
      .query(`CREATE OR REPLACE FUNCTION lockstep.guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
      AS 'BEGIN IF pg_catalog.current_setting(''role'') = ''none''::text THEN RETURN NULL; END IF; PERFORM lockstep.enter(); RETURN NULL; END'`)
    expect(await write(71)).toHaveLength(1)
  } finally {
    await pair.pg.query('ROLLBACK')
    await pair.pg.query(`RESET ROLE; RESET search_path; DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
})
