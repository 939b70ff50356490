import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import type { AssessReport, ColumnReport } from '../../src/api.ts'
import { resolveOptions } from '../../src/options/options.ts'
import { createFile } from '../assess/shop.ts'

async function assessed(script: string, columns = {}): Promise<AssessReport> {
  using file = createFile(script)
  return file.assess(undefined, { columns })
}

/** The one column of a table whose values are SQL. */
async function columnOf(declaration: string, values: readonly string[]): Promise<ColumnReport> {
  const rows = values.map((value, index) => `(${index + 1}, ${value})`)
  const { tables } = await assessed(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, ${declaration}); INSERT INTO t VALUES ${rows.join(', ')}`,
  )
  return tables[0]?.columns[1] as ColumnReport
}

describe('a type is suggested where every value has proven to come back', () => {
  test.each([
    ['v BOOLEAN', ['1', '0', 'NULL'], 'boolean', 2],
    ['is_open INTEGER', ['1', '1'], 'boolean', 2],
    ['v INTEGER CHECK (v IN (0, 1))', ['1', '0'], 'boolean', 2],
    ['v TEXT', [`'2024-02-29'`, `'0001-01-01'`], 'date', 2],
    ['v DATETIME', [`'2024-05-06 07:08:09'`, `'2024-05-06 07:08:09.25'`], 'timestamptz', 2],
    ['v TEXT', [`'2024-05-06T07:08:09.120Z'`], 'timestamptz(iso)', 1],
    ['created_at INTEGER', ['1714979289'], 'timestamptz(seconds)', 1],
    ['v DATETIME', ['1714979289123'], 'timestamptz(milliseconds)', 1],
    ['v', [`'0a000000-0000-4000-8000-000000000001'`], 'uuid', 1],
    ['v TEXT', [`'{"a":1,"b":[1.5]}'`, `'{}'`], 'jsonb', 2],
    ['v TEXT', [`'{"b": 1, "a": 2}'`, `'[]'`], 'json', 2],
    ['v JSON', [`'"text"'`, `'{"a":1}'`], 'jsonb', 2],
    ['v DECIMAL(6,2)', ['1', '1.25', '-9999.99'], 'numeric(6,2)', 3],
    ['v NUMERIC', ['1', '1.25'], 'numeric(15,2)', 2],
    ['v DECIMAL', ['1.125'], 'numeric(15,4)', 1],
  ])('%s of %j is %s', async (declaration, values, type, proven) => {
    expect((await columnOf(declaration, values)).suggestion).toMatchObject({ type, proven })
  })
})

describe('no type is suggested for what fits by chance, or not at all', () => {
  test.each([
    ['retries INTEGER', ['0', '1', '1']],
    ['phone INTEGER', ['1714979289']],
    ['v TEXT', [`'123'`, `'true'`]],
    ['v TEXT', [`'free'`, `'text'`]],
    ['v TEXT', ['NULL']],
    ['v REAL', ['1.25']],
    ['v TEXT', [`'12.50'`]],
    ['v INTEGER', [`'2024-01-01'`, '7', '8']],
  ])('%s of %j', async (declaration, values) => {
    expect(await columnOf(declaration, values)).toMatchObject({
      suggestion: null,
      notSuggested: null,
    })
  })

  test.each([
    ['v TEXT', [`'2024-01-01'`, `'2024-02-30'`, `'2024-01-02'`], 'date', ['2']],
    ['v TEXT', [`'2024-01-01'`, `''`], 'date', ['2']],
    [
      'v TEXT',
      [`'0a000000-0000-4000-8000-000000000001'`, `'0A000000-0000-4000-8000-000000000001'`],
      'uuid',
      ['2'],
    ],
    ['v BOOLEAN', ['1', '0', '2'], 'boolean', ['3']],
    ['v DECIMAL(4,1)', ['1.5', '2.25', '1000'], null, null],
    ['v DECIMAL(4,1)', ['1.5', '2.25'], 'numeric(4,1)', ['2']],
    ['v DATETIME', [`'2024-05-06 07:08:09'`, `'2024-05-06 07:08:09+02:00'`], 'timestamptz', ['2']],
    ['deleted_at INTEGER', ['1714979289', '0'], 'timestamptz(seconds)', ['2']],
    ['v TEXT', [`'{"a":1}'`, `'{"a":1}'`, `'{"a":'`], 'jsonb', ['3']],
  ])('%s of %j is close to %s, but for %j', async (declaration, values, type, keys) => {
    const { suggestion, notSuggested } = await columnOf(declaration, values)
    expect(suggestion).toBeNull()
    expect(notSuggested?.type ?? null).toBe(type)
    expect(notSuggested?.keys ?? null).toEqual(keys)
    expect(notSuggested?.misfits ?? 0).toBe(keys?.length ?? 0)
  })
})

describe('what surrounds a column', () => {
  test('columns that a foreign key ties together get one type or none', async () => {
    const script = (value: string): string => `
      CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);
      CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users);
      CREATE TABLE notes (id INTEGER PRIMARY KEY, author TEXT REFERENCES users (id));
      INSERT INTO users VALUES ('0a000000-0000-4000-8000-000000000001'), (${value});
      INSERT INTO orders VALUES (1, '0a000000-0000-4000-8000-000000000001')`
    const all = await assessed(script(`'0a000000-0000-4000-8000-000000000002'`))
    expect(all.suggestions.map(({ table, column, type }) => `${table}.${column} ${type}`)).toEqual([
      'users.id uuid',
      'orders.user_id uuid',
      'notes.author uuid',
    ])
    const none = await assessed(script(`'admin'`))
    expect(none.suggestions).toEqual([])
  })

  test('a type that a trigger stands against is not suggested, and the trigger is why', async () => {
    const { suggestions, tables } = await assessed(`
      CREATE TABLE logs (id INTEGER PRIMARY KEY, day TEXT);
      CREATE TABLE t (id INTEGER PRIMARY KEY, day TEXT, other TEXT);
      CREATE TRIGGER keep AFTER INSERT ON t BEGIN INSERT INTO logs (day) VALUES (NEW.day); END;
      INSERT INTO t VALUES (1, '2024-01-01', '2024-01-01')`)
    expect(suggestions.map(({ table, column }) => `${table}.${column}`)).toEqual([
      'logs.day',
      't.other',
    ])
    expect(tables[1]?.columns[1]?.notSuggested).toMatchObject({
      type: 'date',
      misfits: 0,
      reasons: [expect.stringContaining('trigger "keep"')],
    })
  })

  test('a JSON column of an index is left as it is', async () => {
    const { suggestions } = await assessed(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT UNIQUE); INSERT INTO t VALUES (1, '{"a":1}')`,
    )
    expect(suggestions).toEqual([])
  })
})

describe('the configuration', () => {
  test('is YAML that is taken as it is, whatever the names, and keeps what was configured', async () => {
    const names = ['plain', 'a.b', '"quoted"', `it's: #1`, 'ü 😀', '<script>', '\u001b[31m', '- x']
    const tables = names.map((name) => {
      const quoted = `"${name.replaceAll('"', '""')}"`
      return `CREATE TABLE ${quoted} (id INTEGER PRIMARY KEY, ${quoted} DATE, configured DATE);
        INSERT INTO ${quoted} VALUES (1, '2024-01-01', '2024-01-01')`
    })
    const { configuration, suggestions } = await assessed(tables.join(';'), {
      'plain.configured': 'text',
    })
    const { columns } = parse(configuration) as { columns: Record<string, 'date'> }
    expect(columns).toEqual({
      ...Object.fromEntries(
        suggestions.map(({ table, column, type }) => [`${table}.${column}`, type]),
      ),
      'plain.configured': 'text',
    })
    expect(suggestions).toHaveLength(names.length * 2 - 1)
    const { configuration: after } = await assessed(tables.join(';'), columns)
    expect((parse(after) as { columns: unknown }).columns).toEqual(columns)
    expect(resolveOptions({ sqlite: { path: 'a.db' }, columns }).columns).toEqual(columns)
  })

  test('names no column whose path is that of another one', async () => {
    const { suggestions } = await assessed(`
      CREATE TABLE a (id INTEGER PRIMARY KEY, "b.c" DATE); INSERT INTO a VALUES (1, '2024-01-01');
      CREATE TABLE "a.b" (id INTEGER PRIMARY KEY, c DATE); INSERT INTO "a.b" VALUES (1, '2024-01-01')`)
    expect(suggestions).toEqual([])
  })

  test('is empty where there is nothing to say', async () => {
    expect((await assessed('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')).configuration).toBe(
      '',
    )
  })
})
