import type { Select } from 'sqlite3-parser'
import { equalityKey } from './comparison.ts'
import { compoundTerms } from './compound.ts'
import type { EmittedColumn, Emitter, SelectText } from './emitter.ts'
import { collationOf, exact, exactly } from './recursive-columns.ts'

export interface RecursiveParts {
  readonly columns: readonly EmittedColumn[]
  readonly initial: readonly SelectText[]
  readonly arms: readonly SelectText[]
  readonly union: 'UNION' | 'UNION ALL'
  readonly sqlName: string
  /** `WITH ... ` of the table's own, or nothing. */
  readonly with: string
}

/** What ORDER BY can name: the first arm's columns, and every arm in the order of the text. */
export interface Sorts {
  readonly select: Select
  readonly first: readonly EmittedColumn[]
  readonly all: readonly SelectText[]
}

/**
 * SQLite's own way, to the letter: rows wait in a queue; the first by ORDER BY is taken out, is a row of the
 * table, and stands for the table while the arms run; what they give waits behind. PostgreSQL recurses over the
 * queue: a row of it is one step, with the waiting rows in an array for each column. So a step costs as much as
 * there are rows waiting. https://www.sqlite.org/lang_with.html#recursive_common_table_expressions
 */
export function queuedTable(parts: RecursiveParts, sorts: Sorts, emitter: Emitter): string {
  const names = namesOf(parts, emitter)
  const { queue, step, at, rows } = names
  const { columns, sqlName } = parts
  const { last, offset } = boundsOf(sorts.select, emitter)
  const list = columns.map((column) => column.sqlName).join(', ')
  const taken = columns.map((_, index) => `${rows[index]}[${at}]`).join(', ')
  const kept = [step, ...rows, ...names.seen, at].join(', ')
  const begin = firstStep(parts, sorts, names, emitter)
  const next = nextStep(parts, sorts, names, emitter)
  const held = last === null ? ['', ''] : [` AND 1 <= ${last}`, ` AND ${queue}.${step} < ${last}`]
  const steps = `${begin}${held[0]} UNION ALL ${next}${held[1]}`
  // The steps come in their order, and no more of them than are read: a sort would wait for the last.
  const shown = `SELECT ${taken} FROM ${queue} WHERE ${step} > ${offset}`
  return `${queue} (${kept}) AS (${parts.with}${steps}), ${sqlName} (${list}) AS (${shown})`
}

interface Names {
  readonly queue: string
  readonly step: string
  /** Where the row stands that is taken next. */
  readonly at: string
  /** Arrays of the waiting rows, one for each column. */
  readonly rows: readonly string[]
  /** The same of all rows that have ever waited, where none may wait twice. */
  readonly seen: readonly string[]
  readonly place: string
}

function namesOf({ columns, union }: RecursiveParts, emitter: Emitter): Names {
  const name = (): string => emitter.freshName('q')
  return {
    queue: emitter.freshName('queue'),
    step: name(),
    at: name(),
    rows: columns.map(name),
    seen: union === 'UNION' ? columns.map(name) : [],
    place: name(),
  }
}

/** The step after which nothing more is taken, NULL for no such step, and how many rows are not shown. */
function boundsOf(
  { limit }: Select,
  emitter: Emitter,
): { readonly last: string | null; readonly offset: string } {
  const clause = (node: typeof limit): string => emitter.limit(node, null).replace(' LIMIT ', '')
  if (limit === undefined) return { last: null, offset: '0' }
  const skipped = limit.offset && clause({ ...limit, expr: limit.offset, offset: undefined })
  const offset = skipped ? `coalesce(${skipped}, 0)` : '0'
  const most = clause({ ...limit, offset: undefined })
  // Two numbers of 64 bits may add up to more.
  return { last: most === '' ? null : `coalesce(${most}::numeric + ${offset}, 1e20)`, offset }
}

/** What the first arms give waits in their order. */
function firstStep(parts: RecursiveParts, sorts: Sorts, names: Names, emitter: Emitter): string {
  const given = parts.initial.map((each) => exact(each, parts.columns, null, emitter))
  const alias = emitter.freshName('a')
  const arrays = arraysOf(parts, names, 'TRUE')
  const fresh = freshRows(given, parts, names, null, emitter)
  const from = `FROM (SELECT ${arrays.join(', ')} FROM (${fresh}) AS ${alias}) AS ${alias}`
  const all = [...names.rows, ...names.seen].map((name) => `${alias}.${name}`).join(', ')
  const first = pick(alias, parts, sorts, names, emitter)
  return `SELECT 1::bigint, ${all}, ${first} ${from} WHERE ${alias}.${names.rows[0]} IS NOT NULL`
}

/** The row is taken, and what the arms give for it waits behind the others. */
function nextStep(parts: RecursiveParts, sorts: Sorts, names: Names, emitter: Emitter): string {
  const { columns, arms, sqlName } = parts
  const { queue, step, at, rows, seen, place } = names
  const [waiting, alias, next] = ['w', 'a', 'n'].map((stem) => emitter.freshName(stem)) as [
    string,
    string,
    string,
  ]
  const list = columns.map((column) => column.sqlName).join(', ')
  const taken = columns.map(({ expression, sqlName: name }, index) => {
    return `${exactly(`${queue}.${rows[index]}[${queue}.${at}]`, expression)} AS ${name}`
  })
  const given = arms.map((arm) => exact(arm, columns, null, emitter))
  const fresh = freshRows(given, parts, names, queue, emitter)
  const isNew = emitter.freshName('q')
  const left = `SELECT ${list}, ${place}, FALSE AS ${isNew} FROM unnest(${rows.map((name) => `${queue}.${name}`).join(', ')}) WITH ORDINALITY AS ${waiting} (${list}, ${place}) WHERE ${place} <> ${queue}.${at}`
  const behind = `SELECT ${list}, ${place} + cardinality(${queue}.${rows[0]}), TRUE FROM (${fresh}) AS ${waiting}`
  const arrays = arraysOf(parts, names, isNew)
  const common = `WITH ${sqlName} (${list}) AS (SELECT ${taken.join(', ')})`
  const lateral = `${common} SELECT ${arrays.join(', ')} FROM (${left} UNION ALL ${behind}) AS ${alias}`
  const all = [
    ...rows.map((name) => `${next}.${name}`),
    ...seen.map((name) => `${queue}.${name} || ${next}.${name}`),
  ].join(', ')
  const first = pick(next, parts, sorts, names, emitter)
  return `SELECT ${queue}.${step} + 1, ${all}, ${first} FROM ${queue} CROSS JOIN LATERAL (${lateral}) AS ${next} WHERE ${next}.${rows[0]} IS NOT NULL`
}

/** Rows into arrays: those that wait, and those that are new. */
function arraysOf({ columns }: RecursiveParts, names: Names, isNew: string): string[] {
  const { rows, seen, place } = names
  const array = ({ sqlName, expression }: EmittedColumn, name: string, filter: string): string => {
    const sql = `array_agg(${sqlName} ORDER BY ${place})${filter}`
    return `${exactly(sql, expression, '[]')} AS ${name}`
  }
  return [
    ...rows.map((name, index) => array(columns[index] as EmittedColumn, name, '')),
    ...seen.map((name, index) =>
      array(columns[index] as EmittedColumn, name, ` FILTER (WHERE ${isNew})`),
    ),
  ]
}

/** Rows with their places. For UNION the first of those that are equal, unless one like it has waited before. */
function freshRows(
  given: readonly string[],
  parts: RecursiveParts,
  names: Names,
  queue: string | null,
  emitter: Emitter,
): string {
  const { columns, initial, arms, union } = parts
  const [alias, old] = [emitter.freshName('r'), emitter.freshName('s')]
  const list = columns.map((column) => column.sqlName).join(', ')
  const { place, seen } = names
  const all = `SELECT *, row_number() OVER () AS ${place} FROM (${given.join(' UNION ALL ')}) AS ${alias} (${list})`
  if (union === 'UNION ALL') return all
  const keysIn = (name: string): string[] =>
    columns.map(({ expression, sqlName }, index) =>
      equalityKey({
        ...expression,
        ...collationOf(expression, [...initial, ...arms], index),
        sql: `${name}.${sqlName}`,
      }),
    )
  const keys = keysIn(alias)
  const before = keysIn(old)
  const same = keys.map((key, index) => `${key} IS NOT DISTINCT FROM ${before[index]}`)
  const arrays = seen.map((name) => `${queue}.${name}`).join(', ')
  const where =
    queue === null
      ? ''
      : ` WHERE NOT EXISTS (SELECT 1 FROM unnest(${arrays}) AS ${old} (${list}) WHERE ${same.join(' AND ')})`
  return `SELECT DISTINCT ON (${keys.join(', ')}) * FROM (${all}) AS ${alias}${where} ORDER BY ${keys.join(', ')}, ${place}`
}

/** The place of the row that comes first; of equal ones that which has waited longest. */
function pick(
  alias: string,
  { columns, initial, arms }: RecursiveParts,
  { select, first, all }: Sorts,
  { rows, place }: Names,
  emitter: Emitter,
): string {
  const waiting = emitter.freshName('w')
  const list = columns.map((column) => column.sqlName).join(', ')
  const sorted = columns.map((column, index) => ({
    ...column,
    name: first[index]?.name ?? column.name,
    expression: {
      ...column.expression,
      ...collationOf(column.expression, [...initial, ...arms], index),
    },
  }))
  const { terms } = compoundTerms(select, all, sorted, waiting, emitter)
  const arrays = rows.map((name) => `${alias}.${name}`).join(', ')
  const order = [...terms, `${waiting}.${place}`].join(', ')
  return `(SELECT ${waiting}.${place} FROM unnest(${arrays}) WITH ORDINALITY AS ${waiting} (${list}, ${place}) ORDER BY ${order} LIMIT 1)`
}
