import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { functions } from '../../src/sql/functions/functions.ts'
import { typed, type SqlType } from '../../src/sql/translate/expression.ts'
import type { Value } from '../../src/values/value.ts'
import { context, decode, decodeDynamic, openTwins, show, type Twins } from '../support/compat.ts'

let twins: Twins
const db = new Database(':memory:')
db.defaultSafeIntegers()
beforeAll(async () => {
  twins = await openTwins()
  const create = (int: string, real: string): string =>
    `CREATE TABLE t (id ${int}, g ${int}, i ${int}, r ${real}, s text, j text)`
  db.exec(create('INTEGER', 'REAL'))
  await twins.client.query(create('bigint', 'float8'))
  const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)')
  for (let id = 1; id <= 60; id++) {
    const i = id % 7 === 0 ? null : BigInt((id * 7919) % 101) - 50n
    const r = id % 5 === 0 ? null : Math.sin(id) * 10 ** ((id % 9) - 3)
    const s = id % 6 === 0 ? null : `${id % 2 === 0 ? 'K' : 'k'}${(id * 31) % 17}`
    const row = [BigInt(id), BigInt(id % 4), i, r, s, `{"v":[${id},"x"]}`]
    insert.run(row)
    await twins.client.query(
      'INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)',
      row.map((value) => (typeof value === 'bigint' ? String(value) : value)),
    )
  }
})
afterAll(async () => {
  db.close()
  await twins.close()
})

const columns = {
  i: typed('i', 'integer'),
  r: typed('r', 'real'),
  s: typed('s', 'text'),
  n: typed('sqlite.dynamic(i)', 'dynamic'),
  half: typed(`'0.5'::float8`, 'real', { literal: 0.5, constant: true, notNull: true }),
  quarter: typed('25::bigint', 'integer', { literal: 25n, constant: true, notNull: true }),
  two: typed('2::bigint', 'integer', { literal: 2n, constant: true, notNull: true }),
  dash: typed(`'-'::text`, 'text', { literal: '-', constant: true, notNull: true }),
} as const
type Name = keyof typeof columns
const onSqlite: Readonly<Record<Name, string>> = {
  i: 'i',
  r: 'r',
  s: 's',
  n: 'i',
  half: '0.5',
  quarter: '25',
  two: '2',
  dash: `'-'`,
}

interface Call {
  readonly name: string
  readonly args: readonly Name[]
  readonly distinct?: boolean
  readonly order?: string
  /** OVER or FILTER, the same on both places. */
  readonly tail?: string
}

function emit({ name, args, distinct = false, order, tail = '' }: Call): {
  sql: string
  type: SqlType
} {
  const entry = functions.find(name, args.length)
  if (entry === undefined) throw new Error(name)
  const call = {
    name,
    args: args.map((arg) => columns[arg]),
    star: false,
    distinct,
    orderBy: order ?? null,
    readingOrder: () => null,
    tail,
    over: tail.includes('OVER'),
    node: { type: 'FunctionCallExpr' } as never,
  }
  return entry.emit(call, context)
}

function sqliteCall({ name, args, distinct = false, order, tail = '' }: Call): string {
  const list = args.map((arg) => onSqlite[arg]).join(', ')
  return `${name}(${distinct ? 'DISTINCT ' : ''}${list}${order === undefined ? '' : ` ORDER BY ${order}`})${tail}`
}

async function both(call: Call, rest: string): Promise<{ sqlite: string[]; postgres: string[] }> {
  const wanted = db
    .prepare(`SELECT ${sqliteCall(call)} FROM t ${rest}`)
    .pluck()
    .all() as Value[]
  const { sql, type } = emit(call)
  const text = `SELECT (${sql})::text AS value FROM t ${rest}`
  const { rows } = await twins.client.query<{ value: string | null }>(text)
  return {
    sqlite: wanted.map((value) => show({ value })),
    postgres: rows.map(({ value }) => show({ value: decode(type, value) })),
  }
}

/** The calls whose values differ; empty where both places agree. */
async function differing(calls: readonly Call[], rest: string): Promise<unknown[]> {
  const lines: unknown[] = []
  for (const call of calls) {
    const { sqlite, postgres } = await both(call, rest)
    if (postgres.join() !== sqlite.join()) lines.push([sqliteCall(call), postgres, sqlite])
  }
  return lines
}

const aggregates: readonly Call[] = [
  ...(['sum', 'total', 'avg', 'min', 'max', 'count'] as const).flatMap((name) =>
    (['i', 'r', 's', 'n'] as const).map((arg): Call => ({ name, args: [arg] })),
  ),
  ...(['sum', 'avg', 'count', 'total'] as const).map((name): Call => ({
    name,
    args: ['i'],
    distinct: true,
  })),
  { name: 'median', args: ['r'] },
  { name: 'percentile', args: ['i', 'quarter'] },
  { name: 'percentile_cont', args: ['r', 'half'] },
  { name: 'percentile_disc', args: ['i', 'half'] },
  { name: 'group_concat', args: ['s'], order: 'id' },
  { name: 'group_concat', args: ['i', 'dash'], order: 'id DESC' },
  { name: 'string_agg', args: ['r', 'dash'], order: 'id' },
  { name: 'json_group_array', args: ['r'], order: 'id' },
  { name: 'json_group_array', args: ['n'], order: 'id' },
  { name: 'json_group_object', args: ['s', 'i'], order: 'id' },
]

test('aggregates of groups are the same to the last bit', async () => {
  expect(await differing(aggregates, 'GROUP BY g ORDER BY g')).toEqual([])
})

test('aggregates of no rows, and of NULLs alone, are what they are in SQLite', async () => {
  expect(await differing(aggregates, 'WHERE id < 0')).toEqual([])
  expect(await differing(aggregates, 'WHERE i IS NULL AND r IS NULL AND id = 35')).toEqual([])
})

test('aggregates filter and slide over windows as in SQLite', async () => {
  const frames = [
    ' FILTER (WHERE i > 0) OVER (ORDER BY id)',
    ' OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)',
    ' OVER (PARTITION BY g ORDER BY id)',
    ' OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 4 FOLLOWING)',
  ]
  const sliding = aggregates.filter(
    ({ order, distinct }) => order === undefined && distinct !== true,
  )
  for (const tail of frames) {
    expect(
      await differing(
        sliding.map((call) => ({ ...call, tail })),
        'ORDER BY id',
      ),
    ).toEqual([])
  }
})

test('window functions number, shift and pick rows as in SQLite', async () => {
  const tail = ' OVER (PARTITION BY g ORDER BY id)'
  const calls: Call[] = [
    ...['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist'].map((name) => ({
      name,
      args: [],
      tail,
    })),
    { name: 'ntile', args: ['two'], tail },
    { name: 'lag', args: ['i'], tail },
    { name: 'lead', args: ['s', 'two'], tail },
    { name: 'lag', args: ['r', 'two', 'half'], tail },
    { name: 'lead', args: ['i', 'two', 'dash'], tail },
    { name: 'first_value', args: ['s'], tail },
    { name: 'last_value', args: ['r'], tail },
    { name: 'nth_value', args: ['i', 'two'], tail },
  ]
  expect(await differing(calls, 'ORDER BY id')).toEqual([])
})

test('a sum of integers that is out of range is an error on both places', async () => {
  const sql = (cast: string): string =>
    `FROM (SELECT 9223372036854775807${cast} AS i UNION ALL SELECT 1) q`
  expect(() => db.prepare(`SELECT sum(i) ${sql('')}`).get()).toThrow('integer overflow')
  await expect(
    twins.client.query(`SELECT ${emit({ name: 'sum', args: ['i'] }).sql} ${sql('::bigint')}`),
  ).rejects.toThrow('out of range')
})

test('json_each and json_tree give the same rows, keys, paths and ids', async () => {
  const documents = [
    '[]',
    '{}',
    '[1,"two",null,true,{"a":[1]},[[]]]',
    '{"a":1,"b c":{"d":[1.5,"x"]},"_e":false,"f":{}}',
    '5',
    '"text"',
    'null',
    '{"a":{"b":{"c":[10,20,{"d":1}]}}}',
    '{"a":1,"b.[":{"b":2,"d":[[],["x",[3]]]}}',
    '[[1,[2,[3]]]]',
    ` [ 1 , { "k" : "${'long '.repeat(60)}" } , 2 ] `,
  ]
  // SQLite finds the container of a first element alone.
  const within = [
    '$.a.b.c[0]',
    '$.a.b.c[1]',
    '$.a.b.c[2].d',
    '$.a.b.c[#-3]',
    '$.a.b.c[#-1]',
    '$[#-1]',
    '$[4].a[#-1]',
    '$."b.[".d',
    '$."b.[".d[1]',
    '$."b.[".d[1][1][0]',
    '$."b.[".b',
    '$[0][1]',
    '$[0][0]',
    '$[0][1][1]',
  ]
  const roots = ['$', '$.a', '$.a.b', '$[4]', '$[4].a', '$."b c"', '$.missing', '$[0]', ...within]
  const names = 'key, value, type, atom, id, parent, fullkey, path'
  for (const name of ['json_each', 'json_tree']) {
    for (const document of documents) {
      for (const root of roots) {
        const wanted = db
          .prepare(`SELECT ${names} FROM ${name}(?, ?)`)
          .raw()
          .all(document, root) as Value[][]
        const { rows } = await twins.client.query<string[]>({
          text: `SELECT key::text, value::text, type, atom::text, id::text, parent::text, fullkey, path FROM sqlite.${name}($1, $2)`,
          values: [document, root],
          rowMode: 'array',
        })
        const types: readonly SqlType[] = [
          'dynamic',
          'dynamic',
          'text',
          'dynamic',
          'integer',
          'integer',
          'text',
          'text',
        ]
        const got = rows.map((row) =>
          row.map((value, index) =>
            value === null
              ? null
              : types[index] === 'dynamic'
                ? decodeDynamic(value)
                : decode(types[index] ?? 'text', value),
          ),
        )
        expect([name, document, root, got]).toEqual([name, document, root, wanted])
      }
    }
  }
})

test('JSON stays JSON when it is put into JSON, and text stays text', () => {
  const array = functions.find('json_array', 1)
  const inner = functions.find('json_object', 0)?.emit(
    {
      name: 'json_object',
      args: [],
      star: false,
      distinct: false,
      orderBy: null,
      readingOrder: () => null,
      tail: '',
      over: false,
      node: {} as never,
    },
    context,
  )
  expect(inner?.embedded).toBeDefined()
  const emitted = array?.emit(
    {
      name: 'json_array',
      args: inner === undefined ? [] : [inner],
      star: false,
      distinct: false,
      orderBy: null,
      readingOrder: () => null,
      tail: '',
      over: false,
      node: {} as never,
    },
    context,
  )
  expect(emitted?.sql).not.toContain('to_json')
})
