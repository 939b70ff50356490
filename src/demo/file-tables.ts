import type { MappedTable } from '../schema/mapped.ts'
import type { Index } from '../schema/model.ts'
import { foldName, quoteIdentifier as quote } from '../schema/quote.ts'
import type { Affinity, PostgresType } from '../values/value.ts'
import { writtenByTriggers } from './trigger-writes.ts'

/** What generic traffic has to know of a table. */
export interface FileTable {
  readonly name: string
  /** Generated columns left out. */
  readonly columns: readonly FileColumn[]
  /** The key's columns, or the name of the rowid where there is no key. */
  readonly key: readonly string[]
  /** The database gives out the key: INSERT leaves it out and asks for it with RETURNING. */
  readonly generatedKey: boolean
  /**
   * A trigger may insert a row under the key of one that was deleted: SQLite gives the highest key again,
   * unless the table is AUTOINCREMENT. That a key is gone then says nothing of the row that had it.
   */
  readonly keysComeBack: boolean
  /** Triggers of other tables change its rows, so that what they hold is not what the traffic wrote last. */
  readonly changedByTriggers: boolean
  /** Sets of columns of which no two rows may hold the same values; a declared key is one of them. */
  readonly uniqueSets: readonly (readonly string[])[]
  readonly parents: readonly {
    columns: readonly string[]
    table: string
    parentColumns: readonly string[]
  }[]
}

export interface FileColumn {
  readonly name: string
  readonly declaredType: string
  readonly affinity: Affinity
  readonly postgresType: PostgresType
}

export function toFileTables(tables: readonly MappedTable[]): FileTable[] {
  const names = new Set(tables.map(({ name }) => name))
  const written = writtenByTriggers(tables.flatMap(({ triggers }) => triggers))
  const changers = tables.map((table) => ({
    table,
    changed: writtenByTriggers(table.triggers)?.changed,
  }))
  return tables.map((table) => {
    const { name, key, foreignKeys } = table
    const isChild = foreignKeys.some(({ columns }) => columns.includes(key.columns[0] as string))
    return {
      name,
      columns: table.columns.filter(({ generated }) => !generated),
      key: key.columns,
      generatedKey: key.kind === 'rowid' || (key.kind === 'integer' && !isChild),
      keysComeBack:
        key.kind !== 'declared' &&
        !table.autoincrement &&
        (written === null || written.inserted.has(foldName(name))),
      changedByTriggers: changers.some(
        (changer) => changer.table !== table && changer.changed?.has(foldName(name)) === true,
      ),
      uniqueSets: [
        ...(key.kind === 'rowid' ? [] : [key.columns]),
        ...table.indexes.filter(isConstraint).map((index) => columnsOf(index, table)),
      ],
      parents: foreignKeys
        // SQLite takes a reference to a table that does not exist, as long as it is NULL.
        .filter(({ parent }) => names.has(parent))
        .map(({ columns, parent, parentColumns }) => ({ columns, table: parent, parentColumns })),
    }
  })
}

function isConstraint({ unique, origin }: Index): boolean {
  return unique && origin !== 'pk'
}

/** Of an expression every column that its text mentions counts as a part. */
function columnsOf({ parts }: Index, { columns }: MappedTable): string[] {
  return parts.flatMap(({ column, expression }) => {
    if (column !== null) return [column]
    const text = foldName(expression ?? '')
    return columns.map(({ name }) => name).filter((name) => text.includes(foldName(name)))
  })
}

/** The condition that finds a row, as both databases take it. */
export function keyCondition(table: FileTable): string {
  return table.key.map((name) => `${quote(name)} = ?`).join(' AND ')
}
