import type { Table } from '../schema/model.ts'
import { shippedColumns } from '../schema/model.ts'
import { foldName } from '../sql/quote.ts'
import type { OriginColumn } from '../sqlite/capped-read.mjs'
import type { Rules } from './compare.ts'
import type { ColumnRule, ValueRules } from './same.ts'
import type { SortTerm, Subject } from './subject.ts'

export interface RuleSettings extends ValueRules {
  /** Columns of tables that are not compared, as folded `table.column`. */
  readonly ignoredColumns: ReadonlySet<string>
}

/** The rules for one statement's answers, and whether its ORDER BY sorts by what is not in them. */
export interface StatementRules extends Rules {
  readonly sortsHidden: boolean
}

/**
 * @param columns the answer's, as SQLite describes them
 * @param isTotal no two rows tie, as the translator knows from unique keys
 */
export function rulesOf(
  subject: Subject,
  columns: readonly OriginColumn[],
  tables: readonly Table[],
  isTotal: boolean,
  settings: RuleSettings,
): StatementRules {
  const byName = new Map(tables.map((table) => [foldName(table.name), table]))
  const tableOf = ({ table }: OriginColumn): Table | undefined =>
    table === null ? undefined : byName.get(foldName(table))
  const positions = sortPositions(subject.terms, columns)
  const isSorted = isTotal || positions.length > 0
  return {
    ...settings,
    columns: columns.map((column) => ruleOf(column, tableOf(column), subject, settings)),
    order: isTotal ? 'total' : isSorted ? positions : 'free',
    key: keyOf(columns, tables),
    sortsHidden: !isTotal && positions.length < subject.terms.length,
  }
}

function ruleOf(
  { table, column }: OriginColumn,
  model: Table | undefined,
  { isCompound, permutes }: Subject,
  { ignoredColumns }: RuleSettings,
): ColumnRule {
  if (table === null || column === null || isCompound || model === undefined)
    return permutes ? 'letters' : 'computed'
  if (ignoredColumns.has(foldName(`${table}.${column}`))) return 'ignored'
  const own = shippedColumns(model).find(({ name }) => foldName(name) === foldName(column))
  return own?.postgresType === 'jsonb' ? 'json' : own?.generated === true ? 'computed' : 'exact'
}

/** The columns of the answer that sort it: the first terms, as far as all of them are there. */
function sortPositions(terms: readonly SortTerm[], columns: readonly OriginColumn[]): number[] {
  const positions: number[] = []
  for (const term of terms) {
    const at = positionOf(term, columns)
    if (at === undefined) break
    positions.push(at)
  }
  return positions
}

/** An alias wins over a column, as in SQLite; a name that several columns have is none. */
function positionOf(
  { position, name }: SortTerm,
  columns: readonly OriginColumn[],
): number | undefined {
  if (position !== null) return position
  if (name === null) return undefined
  const found = columns.flatMap((column, at) => (foldName(column.name) === name ? at : []))
  return found.length === 1 ? found[0] : undefined
}

/** The columns that name the rows: the whole keys of all tables of which the answer has one. */
function keyOf(columns: readonly OriginColumn[], tables: readonly Table[]): number[] | null {
  const positions = tables.flatMap((table) => keyPositionsIn(columns, table) ?? [])
  return positions.length === 0 ? null : positions
}

/** Where the answer has the key of a table, in the order of its columns; undefined where it has not. */
export function keyPositionsIn(
  columns: readonly OriginColumn[],
  table: Table,
): readonly number[] | undefined {
  const positions = table.key.columns.map((name) =>
    columns.findIndex(
      ({ column, table: origin }) =>
        column !== null &&
        origin !== null &&
        foldName(column) === foldName(name) &&
        foldName(origin) === foldName(table.name),
    ),
  )
  return positions.includes(-1) ? undefined : positions
}
