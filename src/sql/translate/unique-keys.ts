import type { Relation, RelationColumn, UniqueKey } from '../catalog.ts'
import { quoteName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { createScope, type Source } from './scope.ts'
import { schemaText } from './stored-default.ts'
import { columnNamed, type Target } from './target.ts'

type Part = UniqueKey['parts'][number]

/** What a key needs to be written down: its table and where in the statement it matters. */
export interface KeyContext {
  readonly relation: Relation
  readonly emitter: Emitter
  readonly offset: number
}

/**
 * The condition that two rows collide in a key: equal parts, by the collation of each, and both rows within
 * a partial index. A NULL collides with nothing, in SQLite as in PostgreSQL.
 */
export function collide(key: UniqueKey, left: Source, right: Source, context: KeyContext): string {
  const parts = key.parts.map(
    (part) => `${partOf(part, left, context)} = ${partOf(part, right, context)}`,
  )
  const inside = key.where === null ? [] : [left, right].map((each) => within(key, each, context))
  return `(${[...parts, ...inside].join(' AND ')})`
}

/** The text of one part in a row, by which PostgreSQL's unique index tells rows apart. */
export function partOf(part: Part, source: Source, context: KeyContext): string {
  const column = part.column === null ? undefined : columnNamed(context.relation, part.column)
  if (column === undefined) return expressionPart(part, source, context)
  const sql = `${source.sqlName}.${quoteName(column.postgresName)}`
  return column.postgresType === 'text' ? collated(sql, part, context) : sql
}

function expressionPart(part: Part, source: Source, context: KeyContext): string {
  const text = schemaText(part.expression ?? '', context.emitter, context.offset)
  const scope = createScope(null, { sources: [source] })
  const { sql, type } = text.emitter.value(text.node, scope)
  if (type === 'text') return collated(sql, part, context)
  if (type === 'integer' || type === 'real' || type === 'blob') return sql
  const construct = `A unique index on ${part.expression}`
  throw context.emitter.unsupported(
    construct,
    context.offset,
    'Name the conflict in the WHERE clause',
  )
}

/** The forms that the schema's unique indexes have on PostgreSQL; see schema/postgres-indexes.ts. */
function collated(sql: string, { collation }: Part, { emitter, offset }: KeyContext): string {
  switch (collation) {
    case 'BINARY':
      return sql
    case 'NOCASE':
      return `lower(${sql} COLLATE "C")`
    case 'RTRIM':
      return `rtrim(${sql} COLLATE "C", ' ')`
    default:
      throw emitter.unsupported(`The collation ${collation}`, offset, 'Use BINARY or NOCASE')
  }
}

function within({ where }: UniqueKey, source: Source, context: KeyContext): string {
  const text = schemaText(where ?? '', context.emitter, context.offset)
  return text.emitter.condition(text.node, createScope(null, { sources: [source] }))
}

/** What ON CONFLICT names on PostgreSQL, from which the server infers the index. */
export function inferred(key: UniqueKey, target: Target, emitter: Emitter): string {
  const { relation, offset } = target
  const context = { relation, emitter, offset }
  // An inference takes columns by their bare names only; the table is the only one in reach.
  const parts = key.parts.map((part) => {
    const column = part.column === null ? undefined : columnNamed(relation, part.column)
    if (column === undefined) return `(${partOf(part, target.source, context)})`
    const sql = quoteName(column.postgresName)
    return column.postgresType === 'text' ? collated(sql, part, context) : sql
  })
  const where = key.where === null ? '' : ` WHERE ${within(key, target.source, context)}`
  return `(${parts.join(', ')})${where}`
}

/** The columns that a key depends on: null where its expressions cannot be read. */
export function columnsOfKey(key: UniqueKey, relation: Relation): readonly RelationColumn[] {
  const texts = [key.where, ...key.parts.map(({ expression }) => expression)]
  const mentioned = texts.flatMap((text) => (text === null ? [] : text.toLowerCase()))
  return relation.columns.filter(
    ({ name }) =>
      key.parts.some(({ column }) => column === name) ||
      mentioned.some((text) => text.includes(name.toLowerCase())),
  )
}
