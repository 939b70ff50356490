import { chooseType } from '../schema/choose-type.ts'
import { decideGenerated } from '../schema/generated.ts'
import { numberTables } from '../schema/mapped.ts'
import type { Column, Table } from '../schema/model.ts'
import { columnPath, type TypeOverrides } from '../schema/overrides.ts'
import type { ColumnProfile, TableProfile } from '../schema/profile.ts'
import { foldName } from '../schema/quote.ts'
import type { ColumnRenames } from '../schema/change.ts'
import type { SourceColumn } from '../schema/source.ts'
import type { Rename } from '../sql/ddl/renames.ts'
import type { Connection } from '../sqlite/connection.ts'
import { readApplicationSchema } from './install.ts'

export interface NextTables {
  readonly tables: readonly Table[]
  readonly renames: ColumnRenames
  readonly highest: number
}

/**
 * The mirrored tables after one statement has changed the schema. A table keeps its number and a column
 * its type through a renaming; a new column gets the type that its declaration suggests.
 * @param highest the highest number that a table has had
 * @param profile of a table that comes with rows
 */
export function nextTables(
  db: Connection,
  before: readonly Table[],
  {
    rename,
    overrides,
    highest,
    profile = null,
  }: {
    rename: Rename | null
    overrides: TypeOverrides
    highest: number
    profile?: TableProfile | null
  },
): NextTables {
  const chosen = new Map(
    Object.entries(overrides).map(([path, type]) => [foldName(path), type] as const),
  )
  const old = new Map(before.map((table) => [foldName(nameAfter(table, rename)), table]))
  const source = readApplicationSchema(db).tables
  const mapped = source.map((table) => {
    const known = old.get(foldName(table.name))
    const there = known === undefined ? new Map<string, Column>() : columnsAfter(known, rename)
    const holds =
      profile !== null && foldName(profile.table) === foldName(table.name) ? profile : null
    const columns = table.columns.map((column, index): Column => {
      const override = chosen.get(columnPath(table.name, column.name))
      const type = there.get(column.name)?.postgresType
      return {
        ...column,
        postgresType:
          type ?? override ?? chooseType(column, holds?.columns[index] ?? noData(column)),
      }
    })
    return decideGenerated({ ...table, columns }, there)
  })
  const numbers = new Map(
    mapped.flatMap(({ name }) => {
      const known = old.get(foldName(name))
      return known === undefined ? [] : [[name, known.id] as const]
    }),
  )
  // A number that has been given counts, so that the next one is new.
  const { tables } = numberTables(mapped, new Map([...numbers, ['', highest]]))
  const last = Math.max(highest, ...tables.map(({ id }) => id))
  return { tables, renames: columnRenames(before, rename), highest: last }
}

function isTable(table: Table, rename: Rename): boolean {
  return foldName(table.name) === foldName(rename.table)
}

function nameAfter(table: Table, rename: Rename | null): string {
  return rename !== null && rename.column === null && isTable(table, rename)
    ? rename.to
    : table.name
}

/** The columns of a table by the names that they have now. */
function columnsAfter(table: Table, rename: Rename | null): Map<string, Column> {
  return new Map(
    table.columns.map((column) => {
      const { name } = column
      const isRenamed =
        rename !== null &&
        rename.column !== null &&
        isTable(table, rename) &&
        foldName(rename.column) === foldName(name)
      return [isRenamed ? rename.to : name, column]
    }),
  )
}

function columnRenames(before: readonly Table[], rename: Rename | null): ColumnRenames {
  if (rename === null || rename.column === null) return new Map()
  const table = before.find((each) => isTable(each, rename))
  const folded = foldName(rename.column)
  const column = table?.columns.find(({ name }) => foldName(name) === folded)
  if (table === undefined || column === undefined) return new Map()
  return new Map([[table.id, new Map([[column.name, rename.to]])]])
}

/** Nothing is in the column yet. */
function noData({ name }: SourceColumn): ColumnProfile {
  return {
    name,
    nulls: 0,
    integers: 0,
    wideIntegers: 0,
    reals: 0,
    texts: 0,
    nulTexts: 0,
    blobs: 0,
  }
}
