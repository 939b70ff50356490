import type { Expr, Select } from 'sqlite3-parser'
import type { Table } from '../schema/model.ts'
import { foldName } from '../sql/quote.ts'

/** The only table of a SELECT, by the name that the SELECT calls it, with the columns that name its rows. */
export interface KeyedSource {
  readonly name: string
  readonly key: readonly string[]
}

/** @returns null where the rows of the SELECT are not those of one table */
export function keyedSourceOf(
  { select, compounds }: Select,
  tables: readonly Table[],
): KeyedSource | null {
  if (select.type !== 'SelectFrom' || select.groupBy !== undefined) return null
  if ((compounds?.length ?? 0) > 0) return null
  const source = select.from?.select
  if (source?.type !== 'TableSelectTable' || (select.from?.joins ?? []).length > 0) return null
  const own = foldName(source.tblName.objName.text)
  const table = tables.find(({ name }) => foldName(name) === own)
  if (table === undefined) return null
  const name = foldName(source.alias?.name.text ?? own)
  return { name, key: table.key.columns.map(foldName) }
}

/**
 * Whether the terms leave no two rows of the table in a tie.
 * @param select whose own ORDER BY they are, where they are: there an alias hides the column of its name
 */
export function isUniqueOrder(
  terms: readonly { readonly expr: Expr }[],
  source: KeyedSource | null,
  select?: Select,
): boolean {
  if (source === null) return false
  const sorted = new Set(terms.flatMap(({ expr }) => columnOf(expr, source) ?? []))
  const hidden = select === undefined ? new Set<string>() : aliasesOf(select)
  return source.key.every((name) => sorted.has(name) && !hidden.has(name))
}

/** Whether nothing that the SELECT computes says which of its rows come first. */
export function sortsByColumns(select: Select): boolean {
  const aliases = aliasesOf(select)
  return (select.orderBy ?? []).every(({ expr }) =>
    expr.type === 'Id' ? !aliases.has(foldName(expr.name)) : expr.type === 'QualifiedExpr',
  )
}

function columnOf(expr: Expr, source: KeyedSource): string | null {
  if (expr.type === 'Id') return foldName(expr.name)
  if (expr.type !== 'QualifiedExpr' || foldName(expr.table.text) !== source.name) return null
  return foldName(expr.column.text)
}

function aliasesOf({ select }: Select): Set<string> {
  if (select.type !== 'SelectFrom') return new Set()
  return new Set(
    select.columns.flatMap((column) =>
      column.type === 'ExprResultColumn' && column.alias !== undefined
        ? foldName(column.alias.name.text)
        : [],
    ),
  )
}
