import type { DdlPlan, DdlStatement } from './ddl.ts'
import { decision } from './findings.ts'
import { shippedColumns, type Finding, type Index, type IndexPart, type Table } from './model.ts'
import { indexCondition, indexExpression } from './postgres-expression.ts'
import { indexName } from './postgres-names.ts'
import { quoteIdentifier, quoteQualified } from './quote.ts'

/**
 * The indexes of a table, unique ones first. They sort NULL as SQLite does, so that an ORDER BY of the
 * application can use them; on a column that is never NULL nothing is said, as statements say nothing
 * there either. An index that is not unique, or has an expression or a WHERE, may be refused by
 * PostgreSQL (a text of more than 2,704 bytes cannot be in a B-tree) without harm to the data.
 */
export function createIndexes(table: Table, schemaName: string): DdlPlan {
  const statements: DdlStatement[] = []
  const findings: Finding[] = []
  for (const index of [...table.indexes].toSorted(uniqueFirst)) {
    if (isPrimaryKey(index, table)) continue
    const sql = createIndex(index, table, schemaName)
    if (sql === null) findings.push(notCarried(index, table))
    else {
      const mayFail = !index.unique || index.where !== null || index.parts.some(isExpression)
      statements.push({ sql, table: table.name, object: index.name, mayFail })
    }
  }
  return { statements, findings }
}

/** Those that decide which rows a table takes, beside its primary key. */
export function uniqueIndexes(table: Table): readonly Index[] {
  return table.indexes.filter((index) => index.unique && !isPrimaryKey(index, table))
}

function uniqueFirst(a: Index, b: Index): number {
  return Number(b.unique) - Number(a.unique)
}

/** A key that ignores case is narrower than PostgreSQL's primary key, so its index is made besides. */
function isPrimaryKey(index: Index, table: Table): boolean {
  if (index.origin !== 'pk' || table.key.kind === 'rowid') return false
  return index.parts.every((part) => collationOf(part, table) === 'BINARY')
}

function isExpression(part: IndexPart): boolean {
  return part.column === null
}

function notCarried(index: Index, table: Table): Finding {
  const kind = index.unique ? 'unique index' : 'index'
  const message = `${kind} "${index.name}" has an expression, a WHERE or a collation without a faithful form on PostgreSQL`
  return decision('INDEX_NOT_CARRIED', { table: table.name }, message)
}

function createIndex(index: Index, table: Table, schemaName: string): string | null {
  const parts: string[] = []
  for (const part of index.parts) {
    const sql = partSql(part, table, index)
    if (sql === null) return null
    parts.push(sql)
  }
  const condition = index.where === null ? '' : indexCondition(index.where, table)
  if (condition === null) return null
  const name = quoteIdentifier(indexName(table, index))
  const target = quoteQualified(schemaName, table.name)
  const where = condition === '' ? '' : ` WHERE ${condition}`
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${name} ON ${target} (${parts.join(', ')})${where}`
}

function partSql(part: IndexPart, table: Table, index: Index): string | null {
  const value =
    part.column === null ? expressionOf(part, table, index) : quoteIdentifier(part.column)
  if (value === null || isDocument(part, table)) return null
  const collated = collate(value, collationOf(part, table))
  return collated === null ? null : `${collated}${order(part, table)}`
}

/** json has no order, and jsonb another than its text. */
function isDocument({ column }: IndexPart, table: Table): boolean {
  const type = table.columns.find(({ name }) => name === column)?.postgresType
  return type === 'json' || type === 'jsonb'
}

/** The text of a JSON value finds it, and does not tell 1 from '1': no unique index can be made of it. */
function expressionOf(part: IndexPart, table: Table, { unique }: Index): string | null {
  const translated = part.expression === null ? null : indexExpression(part.expression, table)
  const isLoose = translated?.kind === 'json' && (unique || part.collation !== 'BINARY')
  return translated === null || isLoose ? null : `(${translated.sql})`
}

/** A collation decides over text only. */
function collationOf(part: IndexPart, table: Table): string {
  if (part.column === null) return part.collation
  const column = table.columns.find(({ name }) => name === part.column)
  return column === undefined || column.postgresType === 'text' ? part.collation : 'BINARY'
}

function collate(value: string, collation: string): string | null {
  switch (collation) {
    case 'BINARY':
      return value
    case 'NOCASE':
      return `lower(${value} COLLATE "C")`
    case 'RTRIM':
      return `rtrim(${value} COLLATE "C", ' ')`
    default:
      return null
  }
}

function order(part: IndexPart, table: Table): string {
  if (isNeverNull(part, table)) return part.descending ? ' DESC' : ''
  return part.descending ? ' DESC NULLS LAST' : ' NULLS FIRST'
}

function isNeverNull({ column }: IndexPart, table: Table): boolean {
  if (column === null) return false
  if (table.key.columns.includes(column)) return true
  return table.columns.some(({ name, notNull }) => name === column && notNull)
}

/** The columns of the keys that PostgreSQL knows to be unique: what a foreign key may refer to. */
export function uniqueKeys(table: Table): readonly (readonly string[])[] {
  const shipped = new Set(shippedColumns(table).map(({ name }) => name))
  const plain = table.indexes.filter(
    (index) =>
      index.unique &&
      index.where === null &&
      index.parts.every(
        (part) =>
          part.column !== null && shipped.has(part.column) && collationOf(part, table) === 'BINARY',
      ),
  )
  const indexed = plain.map((index) => index.parts.flatMap(({ column }) => column ?? []))
  return [table.key.columns, ...indexed]
}
