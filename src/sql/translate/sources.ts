import { distinctNames } from './distinct-names.ts'
import type { QualifiedName } from 'sqlite3-parser'
import type { Relation, RelationColumn, UniqueKey } from '../catalog.ts'
import { foldName, MAX_NAME_BYTES, quoteName } from '../quote.ts'
import { sortKeys } from './comparison.ts'
import type { Emitter } from './emitter.ts'
import { asSqlite } from './native.ts'
import { doubtfulSubtype } from './subtype.ts'
import {
  numbersOf,
  typed,
  type Collation,
  type SqlType,
  type TypedExpression,
} from './expression.ts'
import type { CommonTable, Scope, Source, SourceColumn } from './scope.ts'

/** A column of a table or view as an expression. @param table quoted */
export function columnExpression(
  column: RelationColumn,
  table: string,
  nullable: boolean,
): TypedExpression {
  const sql = `${table}.${quoteName(column.postgresName)}`
  const facts = {
    affinity: column.affinity,
    collation: collationOf(column) ?? 'BINARY',
    // SQLite knows no collation of its rowid, so that another side's counts.
    collationFrom: column.isRowid === true ? 'none' : 'column',
    column,
    notNull: column.notNull && !nullable,
  } as const
  return asSqlite(sql, column, facts) ?? typed(sql, columnType(column), facts)
}

/** Undefined where it is one of the application's own. */
export function collationOf({ collation }: RelationColumn): Collation | undefined {
  const name = collation.toUpperCase()
  return name === 'BINARY' || name === 'NOCASE' || name === 'RTRIM' ? name : undefined
}

/** A double of a column with a numeric affinity may hold what SQLite has as INTEGER. */
function columnType({ postgresType, affinity }: RelationColumn): SqlType {
  switch (postgresType) {
    case 'bigint':
      return 'integer'
    case 'double precision':
      return affinity === 'real' || affinity === 'blob' ? 'real' : 'numeric'
    case 'bytea':
      return 'blob'
    default:
      return 'text'
  }
}

export function relationSource(
  relation: Relation,
  name: string,
  sqlName: string,
  nullable = false,
): Source {
  const columns = relation.columns.map((column) => ({
    name: column.name,
    expression: columnExpression(column, sqlName, nullable),
  }))
  const rowid = rowidOf(relation, columns, sqlName, nullable)
  const hidden = relation.rowid?.hidden === true ? foldName(relation.rowid.column) : null
  const shown =
    hidden === null ? columns : columns.filter((column) => foldName(column.name) !== hidden)
  return { name, sqlName, columns: shown, rowid, relation, merged: new Map() }
}

function rowidOf(
  relation: Relation,
  columns: readonly SourceColumn[],
  sqlName: string,
  nullable: boolean,
): TypedExpression | null {
  if (relation.rowid === null) return null
  const { column } = relation.rowid
  const declared = columns.find(({ name }) => foldName(name) === foldName(column))
  if (declared !== undefined) return { ...declared.expression, notNull: !nullable }
  return typed(`${sqlName}.${quoteName(column)}`, 'integer', {
    affinity: 'integer',
    notNull: !nullable,
  })
}

/** What a subquery or common table expression gives, under a name. @param columns by PostgreSQL's names */
export function derivedSource(
  name: string | null,
  sqlName: string,
  columns: readonly {
    readonly name: string
    readonly sqlName: string
    readonly expression: TypedExpression
  }[],
): Source {
  const names = distinctNames(
    columns.map((column, index) =>
      isTruth.test(column.name) ? `column${index + 1}` : column.name,
    ),
  )
  return {
    name,
    sqlName,
    rowid: null,
    relation: null,
    merged: new Map(),
    columns: columns.map((column, index) => ({
      name: names[index] ?? column.name,
      expression: {
        ...derived(column.expression, `${sqlName}.${column.sqlName}`),
        ...(column.expression.subtypeOfColumn === true ? doubtfulSubtype(column.expression) : {}),
      },
    })),
  }
}

/** Names that SQLite gives no column of a query. sqlite3ColumnsFromExprList of select.c */
const isTruth = /^(?:true|false)$/i

/** An output column seen from outside: its collation now is that of a column. */
export function derived(expression: TypedExpression, sql: string): TypedExpression {
  const { type, affinity, collation, notNull, isMissorted, isOwn, parts } = expression
  const { readsClass, ofNoRow, isNoNumber } = expression
  const facts = { affinity, collation, collationFrom: 'column', notNull } as const
  return typed(sql, type, {
    ...facts,
    ...numbersOf(type, [expression]),
    ...(isMissorted && { isMissorted }),
    ...(isOwn && { isOwn }),
    ...(isNoNumber && { isNoNumber }),
    ...(parts && { parts }),
    ...(readsClass && { readsClass }),
    ...(ofNoRow !== undefined && { ofNoRow }),
  })
}

/**
 * What a table is sorted by where SQLite reads it from its beginning: the rowid, or the key of a WITHOUT ROWID
 * table. Null where nobody can say.
 */
export function readingKeys(source: Source): readonly string[] | null {
  const { rowid, relation, columns, place } = source
  if (place !== undefined) return [place]
  if (rowid !== null) return [rowid.sql]
  const key = relation?.withoutRowid === true ? relation.uniqueKeys.find(isPrimary) : undefined
  if (key === undefined) return null
  return key.parts.flatMap(({ column, collation }) => {
    const own = columns.find(({ name }) => name === column)?.expression
    return own === undefined ? [] : sortKeys({ ...own, collation: collation as Collation })
  })
}

function isPrimary(key: UniqueKey): boolean {
  return key.isPrimary
}

function loose(expression: TypedExpression): TypedExpression {
  const { ofNoRow: _, ...facts } = expression
  return { ...facts, notNull: false }
}

/** Rows of it may be made of NULLs by an outer join. */
export function nullableSource(source: Source): Source {
  return {
    ...source,
    columns: source.columns.map(({ name, expression }) => ({
      name,
      expression: loose(expression),
    })),
    ...(source.hidden && { hidden: source.hidden.map((column) => nullableHidden(column, source)) }),
    rowid: source.rowid === null ? null : loose(source.rowid),
    merged: new Map(Array.from(source.merged, ([name, value]) => [name, loose(value)])),
  }
}

/** It is made of the tables to the left, which know nothing of a row that is left out. */
function nullableHidden({ name, expression }: SourceColumn, { sqlName }: Source): SourceColumn {
  const sql = `(CASE WHEN ${sqlName}."path" IS NOT NULL THEN ${expression.sql} END)`
  return { name, expression: loose({ ...expression, sql }) }
}

/** Of no column it can be said whether it is JSON. */
export function doubtfulSource(source: Source): Source {
  if (source.columns.every(({ expression }) => expression.embedded === undefined)) return source
  const columns = source.columns.map((column) => ({
    ...column,
    expression: { ...column.expression, ...doubtfulSubtype(column.expression) },
  }))
  return { ...source, columns }
}

export function commonTable(name: QualifiedName, from: Scope | null): CommonTable | undefined {
  if (name.dbName !== undefined) return undefined
  const folded = foldName(name.objName.text)
  for (let scope = from; scope !== null; scope = scope.parent) {
    const found = scope.commonTables.findLast((each) => foldName(each.name) === folded)
    if (found !== undefined) return found
  }
  return undefined
}

/** The alias as it is where PostgreSQL takes it so, unlike any that is in reach; else a name of our own. */
export function aliasName(
  name: string | null,
  siblings: readonly Source[],
  from: Scope | null,
  emitter: Emitter,
): string {
  if (name === null) return emitter.freshName('q')
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return emitter.freshName('t')
  const quoted = quoteName(name)
  const taken = (sources: readonly Source[]): boolean =>
    sources.some((source) => source.sqlName === quoted)
  if (taken(siblings)) return emitter.freshName('t')
  for (let scope = from; scope !== null; scope = scope.parent) {
    if (taken(scope.sources)) return emitter.freshName('t')
  }
  return quoted
}
