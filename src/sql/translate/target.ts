import type { QualifiedName } from 'sqlite3-parser'
import type { Relation, RelationColumn } from '../catalog.ts'
import { foldName, quoteName, quoteText } from '../quote.ts'
import { requireParents } from './absent-parents.ts'
import type { Emitter } from './emitter.ts'
import { rowidNames } from './rowid-names.ts'
import type { Source } from './scope.ts'
import { isStrict } from './store-place.ts'
import { refuseUnfollowed, refuseUnfollowedByTriggers } from './unfollowed-keys.ts'

/** The table that a statement writes. */
export interface Target {
  readonly relation: Relation
  readonly name: QualifiedName
  /** The table alone, quoted. */
  readonly table: string
  /** What stands before the dot: the alias or the table, quoted. */
  readonly sqlName: string
  /** As FROM and INTO take it, with its alias. */
  readonly sql: string
  /** As the statement's own expressions know it: by its alias alone where it has one. */
  readonly source: Source
  readonly offset: number
}

export type Verb = 'INSERT' | 'UPDATE' | 'DELETE'

/**
 * Every statement that writes asks here whether it may: what is refused for a table is refused once.
 * @param skips it leaves out rows that are in the way
 */
export function targetOf(
  name: QualifiedName,
  verb: Verb,
  emitter: Emitter,
  { skips = false }: { readonly skips?: boolean } = {},
): Target {
  const { offset } = name.objName.span
  refuseOwnTable(name, emitter)
  const found = emitter.relation(name)
  const relation = skips ? withoutStrictTypes(found) : found
  if (relation.kind === 'view') throw viewError(relation, verb, offset, emitter)
  if (verb !== 'DELETE') refuseUnkept(relation, verb, offset, emitter)
  if (verb !== 'UPDATE') requireParents(verb, { relation, offset }, emitter)
  if (verb === 'DELETE') refuseUnfollowed('DELETE from', { relation, offset }, emitter)
  refuseUnfollowedByTriggers({ relation, offset }, emitter)
  const table = quoteName(relation.postgresName)
  const alias = name.alias?.text
  const sqlName = alias === undefined ? table : quoteName(alias)
  return {
    relation,
    name,
    table,
    sqlName,
    sql: alias === undefined ? table : `${table} AS ${sqlName}`,
    source: emitter.source(relation, alias ?? relation.name, sqlName),
    offset,
  }
}

/** SQLite looks for NULLs and for the rowid before it looks at the classes, so that a row that is left out may have any. */
function withoutStrictTypes(relation: Relation): Relation {
  if (!relation.columns.some(isStrict)) return relation
  const columns = relation.columns.map((column) => {
    const { strictType: _, ...loose } = column
    return loose
  })
  return { ...relation, columns }
}

function refuseOwnTable({ objName }: QualifiedName, emitter: Emitter): void {
  const folded = foldName(objName.text)
  const { offset } = objName.span
  if (folded === 'sqlite_master' || folded === 'sqlite_schema') {
    throw emitter.wrong('table sqlite_master may not be modified', offset)
  }
  if (!folded.startsWith('sqlite_')) return
  throw emitter.unsupported(`Writing ${objName.text}`, offset, 'PostgreSQL has no such table')
}

function viewError(relation: Relation, verb: Verb, offset: number, emitter: Emitter): Error {
  if (!relation.hasTriggers) {
    return emitter.wrong(`cannot modify ${relation.name} because it is a view`, offset)
  }
  return emitter.unsupported(`${verb} on a view`, offset, 'Write the tables behind it')
}

/** SQLite puts the policy of a statement in place of those that its triggers name. */
export function refusePolicies(construct: string, target: Target, emitter: Emitter): void {
  if (target.relation.triggerPolicies !== true) return
  const place = `${construct} on a table whose triggers have conflict clauses of their own`
  throw emitter.unsupported(place, target.offset, 'Write the statement without it')
}

/** What triggers have done before the row fails stays done on SQLite. */
export function refuseFailing(verb: Verb, { relation, offset }: Target, emitter: Emitter): void {
  if (!relation.hasTriggers) return
  throw emitter.unsupported(`${verb} OR FAIL on a table with triggers`, offset, 'Leave OR FAIL out')
}

/** A trigger that counts the rows that come to it is not told of those that are left out before. */
export function refuseUncounted(
  policy: string,
  many: boolean,
  { relation, offset }: Target,
  emitter: Emitter,
): void {
  if (!many || relation.rowByRow !== true) return
  const construct = `${policy} for several rows of a table whose triggers look at more than the row`
  throw emitter.unsupported(construct, offset, 'Write the rows one by one')
}

/** A generated column that PostgreSQL does not compute would stay empty; nor has it conflict clauses of constraints. */
function refuseUnkept(relation: Relation, verb: Verb, offset: number, emitter: Emitter): void {
  if (relation.columns.some(({ generated, computed }) => generated && computed !== true)) {
    const construct = `${verb} on a table with a generated column that PostgreSQL cannot compute`
    throw emitter.unsupported(
      construct,
      offset,
      'Make it an ordinary column, or read it from a view',
    )
  }
  if (relation.hasConflictClauses) {
    const construct = `${verb} on a table whose constraints have an ON CONFLICT clause of their own`
    throw emitter.unsupported(construct, offset, 'Say OR IGNORE or OR REPLACE in the statement')
  }
}

/** PostgreSQL computes a generated column too late to leave a row out for a NULL that is refused there. */
export function refuseComputedNull(
  { relation, offset }: Target,
  verb: string,
  emitter: Emitter,
): void {
  if (!relation.columns.some(({ generated, refusesNull }) => generated && refusesNull)) return
  const construct = `${verb} on a table with a generated column that is NOT NULL`
  throw emitter.unsupported(construct, offset, 'Use ON CONFLICT DO NOTHING, or leave OR IGNORE out')
}

/** The column that stands for the rowid, declared or hidden. */
export function rowidColumn({ rowid, columns }: Relation): RelationColumn | undefined {
  if (rowid === null) return undefined
  const found = columns.find(({ name }) => name === rowid.column)
  if (found !== undefined || !rowid.hidden) return found
  return {
    name: rowid.column,
    postgresName: rowid.column,
    declaredType: 'INTEGER',
    affinity: 'integer',
    postgresType: 'bigint',
    notNull: true,
    refusesNull: true,
    collation: 'BINARY',
    generated: false,
    hasDefault: false,
    defaultSql: null,
    isRowid: true,
  }
}

/** A column as INSERT and SET name it; `rowid` and its other names where no column has them. */
export function columnNamed(relation: Relation, name: string): RelationColumn | undefined {
  const folded = foldName(name)
  const found = relation.columns.find((column) => foldName(column.name) === folded)
  if (found !== undefined) return found
  return rowidNames.has(folded) ? rowidColumn(relation) : undefined
}

export function isRowid(relation: Relation, column: RelationColumn): boolean {
  return relation.rowid?.column === column.name
}

/** The columns by which PostgreSQL tells rows apart: its primary key. */
export function keyColumns(relation: Relation): readonly RelationColumn[] {
  const rowid = rowidColumn(relation)
  if (rowid !== undefined) return [rowid]
  const primary = relation.uniqueKeys.find(({ isPrimary }) => isPrimary)
  return (primary?.parts ?? []).flatMap(
    ({ column }) => relation.columns.find(({ name }) => name === column) ?? [],
  )
}

/** The sequence behind the rowid, as a `regclass`. */
export function rowidSequence({ relation, table }: Target): string {
  const column = quoteText(rowidColumn(relation)?.postgresName ?? '')
  return `pg_get_serial_sequence(${quoteText(table)}, ${column})::regclass`
}
