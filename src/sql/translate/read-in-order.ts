import type { AstNode, SelectFrom, SortedColumn } from 'sqlite3-parser'
import type { Relation, RelationIndex } from '../catalog.ts'
import { foldName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { kindOf } from './joins.ts'
import { keyTest } from './rowid-names.ts'
import type { Scope } from './scope.ts'
import { tableRead, tableShown } from './shown-table.ts'
import { columnsNamedIn, descendants } from './syntax.ts'

export interface ReadQuery {
  readonly node: SelectFrom
  readonly orderBy: readonly SortedColumn[]
  /** What is the same in all rows of which the order counts: the terms of GROUP BY. */
  readonly within: readonly TypedExpression[]
  /** How many of the tables count; all of them where it is left out. */
  readonly sources?: number | undefined
}

/**
 * SQLite reads the rows, or those of a group, in the order of the tables' rowids or keys, the first table outermost: no index
 * that has a column which the query names brings another one, and the joins are of the kinds that SQLite leaves in their order.
 */
export function isReadInOrder(query: ReadQuery, scope: Scope | null, emitter: Emitter): boolean {
  const { from, whereClause } = query.node
  if (from === undefined) return true
  const joins = from.joins ?? []
  const areKept = joins.every((join) => {
    const { isCross, isLeft, isRight } = kindOf(join)
    // An outer join is an inner one to SQLite where WHERE takes no row of NULLs. What only the right has comes last of all.
    return isCross || ((isLeft || isRight) && whereClause === undefined)
  })
  if (!areKept) return false
  const tables = [from.select, ...joins.map(({ table }) => table)]
  const relations = tables.map((table) =>
    table?.type === 'SelectSelectTable' && joins.length === 0
      ? tableShown(table.select, scope, emitter)
      : tableRead(table, scope, emitter),
  )
  // Of a table that is named twice it is not told here which of the two a term is of.
  const within = new Set(relations).size === relations.length ? query.within : []
  const read = { ...query, nodes: [query.node], within }
  return relations
    .slice(0, query.sources)
    .every((relation) => relation !== undefined && isReadByKey(read, relation))
}

/** What a statement says of a table, and in which order it wants the rows. */
interface Reading extends Pick<ReadQuery, 'orderBy' | 'within'> {
  readonly nodes: readonly AstNode[]
  /** It changes the rows, so that no index can stand for the table. */
  readonly changes?: boolean
}

/** SQLite reads the table in the order of its rowids, or of its key where it has none and no part of that falls. */
export function isReadByKey(reading: Reading, relation: Relation): boolean {
  if (relation.indexes === undefined) return false
  const primary = relation.uniqueKeys.find(({ isPrimary }) => isPrimary)
  const rises = primary?.parts.every(({ descending }) => descending !== true) === true
  const isSorted = relation.rowid !== null || (relation.withoutRowid === true && rises)
  return isSorted && !mayUseIndex(reading, relation)
}

/** It may also read a table by pieces (`id = 7 OR id < 3`), or an index that has all columns which are named. */
function mayUseIndex(reading: Reading, relation: Relation): boolean {
  const nodes = [...reading.nodes, ...reading.orderBy]
  const named = nodes.flatMap((node) => [...(columnsNamedIn(node) ?? [null])])
  const sought = nodes.flatMap((node) => [...(columnsNamedIn(node, isOnlyRead) ?? [null])])
  const isKey = keyTest(relation)
  // What functions and other tables' columns are called asks nothing of an index.
  const own = new Set(relation.columns.map(({ name }) => foldName(name)))
  const asked = named.filter((name) => name === null || own.has(name))
  const mayCover = (index: RelationIndex): boolean =>
    asked.every(isKey) || (hasPart(index, named) && !lacksGrouped(index, reading, relation))
  const used = (relation.indexes ?? []).filter(
    (index) =>
      !isTable(index, relation) &&
      (index.partial || hasPart(index, sought) || (reading.changes !== true && mayCover(index))),
  )
  return (
    !used.every((index) => isSharedWithin(index, reading, relation)) ||
    nodes.some((node) => readsByPieces(node, isKey))
  )
}

/** A WITHOUT ROWID table is the index of its key. */
function isTable({ isPrimary }: RelationIndex, { withoutRowid }: Relation): boolean {
  return isPrimary === true && withoutRowid === true
}

function hasPart({ parts }: RelationIndex, names: readonly (string | null)[]): boolean {
  return parts.some(
    ({ column }) => column === null || names.includes(null) || names.includes(foldName(column)),
  )
}

/** Of the arguments of these, in no order of their own, SQLite asks nothing of an index but to hold them. */
function isOnlyRead(node: AstNode): boolean {
  if (node.type !== 'FunctionCallExpr' || node.filterOver?.overClause !== undefined) return false
  const isPlain = node.distinctness === undefined && node.orderBy === undefined
  return isPlain && readers.test(node.name.name)
}

const readers = /^(?:avg|count|group_concat|jsonb?_group_(?:array|object)|string_agg|sum|total)$/i

/** The query groups by a column that the index does not hold, so that it cannot stand for the table. */
function lacksGrouped({ parts }: RelationIndex, { within }: Reading, { name }: Relation): boolean {
  return within.some(
    ({ column }) => column?.table === name && !parts.some((part) => part.column === column.name),
  )
}

/** The rows of a group have one place in the index, and there are sorted by their rowids; read backwards, it has these so. */
function isSharedWithin(
  { parts }: RelationIndex,
  { orderBy, within }: Reading,
  { name }: Relation,
): boolean {
  if (orderBy.some(({ order }) => order === 'Desc')) return false
  return parts.every((part) =>
    within.some(
      ({ column, collation }) =>
        column?.table === name && column.name === part.column && collation === part.collation,
    ),
  )
}

function readsByPieces(node: AstNode, isKey: (name: string | null) => boolean): boolean {
  return [...descendants(node)].some(
    (each) =>
      each.type === 'BinaryExpr' &&
      each.op === 'Or' &&
      [...(columnsNamedIn(each) ?? [])].some(isKey),
  )
}
