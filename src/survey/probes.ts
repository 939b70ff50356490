import type { ForeignKey, Index } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'
import { orphanCondition } from '../sqlite/orphans.ts'
import { Sample } from '../schema/sample.ts'

/** A question about each row of `child` that SQLite answers with 1 or 0, by looking into an index. */
export interface Probe {
  readonly sql: string
  readonly found: Sample
}

export interface OrphanProbe extends Probe {
  readonly foreignKey: ForeignKey
}

export interface DuplicateProbe extends Probe {
  readonly index: Index
}

/**
 * One for each foreign key. Without a unique key of the parent there is no index to look into, and SQLite itself calls
 * such a key a mismatch: PostgreSQL has it not either, and the plan has a finding for it.
 */
export function orphanProbes(
  db: Connection,
  { foreignKeys }: SourceTable,
  tables: readonly SourceTable[],
): OrphanProbe[] {
  return foreignKeys
    .filter((foreignKey) => hasParentKey(foreignKey, tables))
    .map((foreignKey) => ({
      foreignKey,
      sql: orphanCondition(db, foreignKey),
      found: new Sample(),
    }))
}

/** A parent that is not there at all has none of the rows. */
function hasParentKey(
  { columns, parent, parentColumns }: ForeignKey,
  tables: readonly SourceTable[],
): boolean {
  const table = tables.find(({ name }) => name === parent)
  if (table === undefined) return true
  const same = (names: readonly string[]): boolean =>
    names.toSorted().join('\0') === parentColumns.toSorted().join('\0')
  const unique = table.indexes.filter((index) => index.unique && index.where === null)
  const keys = [
    table.key.columns,
    ...unique.map(({ parts }) => parts.map(({ column }) => column ?? '')),
  ]
  return columns.length === parentColumns.length && keys.some(same)
}

/**
 * One for each unique index: whether an earlier row has the same values in it, by the collations of the index and with
 * NULLs that are all different, which is PostgreSQL's rule as well. SQLite keeps the rule itself, except for a file
 * whose schema was changed by hand or whose index is damaged.
 * @param cursor the columns that tell the rows apart and give their order
 */
export function duplicateProbes(table: SourceTable, cursor: readonly string[]): DuplicateProbe[] {
  return table.indexes
    .filter(({ unique, origin }) => unique && !(origin === 'pk' && table.withoutRowid))
    .map((index) => ({ index, sql: duplicateCondition(table, index, cursor), found: new Sample() }))
}

/** An index's expressions are computed for the row by selecting them from its columns, so that their text stays as it is. */
function duplicateCondition(
  table: SourceTable,
  { parts, where }: Index,
  cursor: readonly string[],
): string {
  const own = table.columns.map(({ name }) => `child.${quote(name)} AS ${quote(name)}`).join(', ')
  const ofRow = (expression: string): string => `(SELECT ${expression} FROM (SELECT ${own}))`
  const same = parts.map(({ column, expression, collation }) => {
    const collate = `COLLATE ${quote(collation)}`
    return column === null
      ? `(${expression}) ${collate} = ${ofRow(`(${expression})`)}`
      : `other.${quote(column)} ${collate} = child.${quote(column)}`
  })
  if (where !== null) same.push(`(${where})`, ofRow(`(${where})`))
  const columns = (row: string): string => cursor.map((name) => `${row}.${quote(name)}`).join(', ')
  same.push(`(${columns('other')}) < (${columns('child')})`)
  const from = `main.${quote(table.name)} AS other`
  return `EXISTS (SELECT 1 FROM ${from} WHERE ${same.join(' AND ')})`
}
