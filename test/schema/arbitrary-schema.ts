import * as fc from 'fast-check'
import type { PostgresType } from '../../src/values/value.ts'

/** A schema of a few tables, and types that a configuration chooses for some of its columns. */
export interface ChanceSchema {
  readonly sql: string
  readonly columns: Readonly<Record<string, PostgresType>>
}

const types = [
  'INTEGER',
  'TEXT',
  'REAL',
  'BLOB',
  'BOOLEAN',
  'DATETIME',
  'DECIMAL(10,2)',
  'VARCHAR(20)',
  '',
]
const defaults = [
  "'it''s'",
  '5',
  '-1.5',
  '0',
  "''",
  'NULL',
  "x'00ff'",
  'TRUE',
  'CURRENT_TIMESTAMP',
  '(1 + 1)',
  "(strftime('%s','now'))",
]
const actions = ['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION', 'SET DEFAULT']
/** What fits an empty column of any of these declarations. */
const chosen: Readonly<Record<string, readonly PostgresType[]>> = {
  INTEGER: ['boolean', 'timestamptz(seconds)', 'timestamptz(milliseconds)', 'numeric(8,2)'],
  TEXT: ['date', 'timestamptz', 'timestamptz(iso)', 'uuid', 'json', 'jsonb'],
}

const names = ['plain', 'order', 'Mixed Case', 'qu"ote', 'größe', 'select']
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const column = fc.record({
  type: fc.constantFrom(...types),
  notNull: fc.boolean(),
  fallback: fc.option(fc.constantFrom(...defaults), { freq: 2 }),
  collation: fc.constantFrom('', '', ' COLLATE NOCASE', ' COLLATE RTRIM'),
  unique: fc.nat(5).map((chance) => chance === 0),
  upgrade: fc.option(fc.nat(5), { freq: 3 }),
})

const index = fc.record({
  parts: fc.uniqueArray(
    fc.record({
      column: fc.nat(5),
      form: fc.constantFrom('column', 'column', 'nocase', 'expression'),
      descending: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3, selector: ({ column: at }) => at },
  ),
  unique: fc.boolean(),
  where: fc.option(fc.nat(5), { freq: 3 }),
})

const table = fc.record({
  key: fc.constantFrom('integer', 'auto', 'text', 'composite', 'none', 'without rowid'),
  columns: fc.array(column, { minLength: 1, maxLength: names.length }),
  indexes: fc.array(index, { maxLength: 3 }),
  refers: fc.option(
    fc.record({
      onUpdate: fc.constantFrom(...actions),
      onDelete: fc.constantFrom(...actions),
      deferred: fc.boolean(),
    }),
    { freq: 2 },
  ),
  generated: fc.boolean(),
  trigger: fc.boolean(),
})

/** `of` is the table, or the view before, that it reads; `at` the column. */
const view = fc.record({
  of: fc.nat(5),
  at: fc.nat(5),
  form: fc.constantFrom('all', 'some', 'counted', 'joined'),
})

export const schemas: fc.Arbitrary<ChanceSchema> = fc
  .tuple(fc.array(table, { minLength: 1, maxLength: 3 }), fc.array(view, { maxLength: 4 }))
  .map(([tables, views]) => {
    const columns: Record<string, PostgresType> = {}
    const made = tables.map((each, number) => tableText(each, number, columns))
    const widths = tables.map((each) => each.columns.length)
    const seen = views.map((each, number) => viewText(each, number, widths))
    const texts = ['CREATE TABLE base (id INTEGER PRIMARY KEY);', ...made, ...seen.toReversed()]
    return { sql: texts.join('\n'), columns }
  })

/** It may read one that is made behind it. */
function viewText({ of, at, form }: ChanceView, number: number, widths: readonly number[]): string {
  const name = quoted(`v "${number}`)
  const table = of % widths.length
  const source = of >= 3 && number > 0 ? quoted(`v "${number - 1}`) : quoted(`t ${table}`)
  const column = quoted(names[at % (widths[table] as number)] as string)
  const queries = {
    all: `SELECT * FROM ${source}`,
    some: `SELECT ${column} AS "a b", typeof(${column}), ${column} || '!' FROM ${quoted(`t ${table}`)} WHERE ${column} > 0 ORDER BY 1`,
    counted: `SELECT count(*), sum(b.id) / 2, max(b.id) FROM ${source}, base b`,
    joined: `SELECT b.id, x.* FROM base b LEFT JOIN ${source} x ON b.id = 1`,
  }
  return `CREATE VIEW ${name} AS ${queries[form]};`
}

type ChanceView = typeof view extends fc.Arbitrary<infer T> ? T : never
type ChanceTable = typeof table extends fc.Arbitrary<infer T> ? T : never

function tableText(
  { key, columns, indexes, refers, generated, trigger }: ChanceTable,
  number: number,
  chosenTypes: Record<string, PostgresType>,
): string {
  const name = `t ${number}`
  const width = columns.length
  const indexed = new Set(indexes.flatMap(({ parts: of }) => of.map((part) => part.column % width)))
  const parts = columns.map((each, at) => {
    // JSON, which PostgreSQL sorts otherwise, has neither an index nor a collation: Lockstep refuses such a choice.
    const isPlain = !indexed.has(at) && each.collation === ''
    const choices = chosen[each.type]?.filter((type) => isPlain || !type.startsWith('json'))
    if (each.upgrade !== null && choices !== undefined && each.fallback === null && !each.unique)
      chosenTypes[`${name}.${names[at]}`] = choices[each.upgrade % choices.length] as PostgresType
    const fallback = each.fallback === null ? '' : ` DEFAULT ${each.fallback}`
    const collation = each.type === 'TEXT' ? each.collation : ''
    return `${quoted(names[at] as string)} ${each.type}${each.notNull ? ' NOT NULL' : ''}${fallback}${collation}${each.unique ? ' UNIQUE' : ''}`
  })
  const [keyColumn, keyClause] = keys[key] ?? ['', '']
  if (keyColumn !== '') parts.unshift(keyColumn)
  if (generated) parts.push('doubled INTEGER AS (length(hex(link)) * 2) STORED')
  parts.splice(keyColumn === '' ? 0 : 1, 0, 'link INTEGER')
  if (keyClause !== '') parts.push(keyClause)
  if (refers !== null)
    parts.push(
      `FOREIGN KEY (link) REFERENCES base (id) ON UPDATE ${refers.onUpdate} ON DELETE ${refers.onDelete}${refers.deferred ? ' DEFERRABLE INITIALLY DEFERRED' : ''}`,
    )
  const end = key === 'without rowid' ? ' WITHOUT ROWID' : ''
  return [
    `CREATE TABLE ${quoted(name)} (${parts.join(', ')})${end};`,
    ...indexes.map((each, at) => indexText(each, `ix ${number} ${at}`, name, width)),
    ...(trigger
      ? [
          `CREATE TRIGGER "tr ${number}" AFTER INSERT ON ${quoted(name)} BEGIN INSERT INTO base (id) VALUES (NULL); END;`,
        ]
      : []),
  ].join('\n')
}

const keys: Readonly<Record<string, readonly [column: string, clause: string]>> = {
  integer: ['id INTEGER PRIMARY KEY', ''],
  auto: ['id INTEGER PRIMARY KEY AUTOINCREMENT', ''],
  text: ['code TEXT PRIMARY KEY', ''],
  composite: ['code TEXT NOT NULL', 'PRIMARY KEY (code, link)'],
  none: ['', ''],
  'without rowid': ['code TEXT PRIMARY KEY', ''],
}

function indexText(
  { parts, unique, where }: typeof index extends fc.Arbitrary<infer T> ? T : never,
  name: string,
  tableName: string,
  width: number,
): string {
  const nameAt = (at: number): string => quoted(names[at % width] as string)
  const texts = parts.map(({ column: at, form, descending }) => {
    const value = nameAt(at)
    const text = {
      column: value,
      nocase: `${value} COLLATE NOCASE`,
      expression: `upper(${value})`,
    }[form]
    return `${text}${descending ? ' DESC' : ''}`
  })
  const condition = where === null ? '' : ` WHERE ${nameAt(where)} IS NOT NULL`
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${quoted(tableName)} (${texts.join(', ')})${condition};`
}
