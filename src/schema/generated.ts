import { LockstepError } from '../core/errors.ts'
import { generatedExpression } from '../sql/translate/generated.ts'
import { catalogOf } from './catalog.ts'
import type { MappedTable } from './mapped.ts'
import type { Column } from './model.ts'
import { foldName } from './quote.ts'

/**
 * Decides which of a table's generated columns PostgreSQL computes itself. The others are plain ones there.
 * The decision is part of the stored model, as the applier must leave out exactly the columns that were
 * made so: a column that is known keeps what was decided when PostgreSQL got it.
 */
export function decideGenerated<T extends MappedTable>(
  table: T,
  known: ReadonlyMap<string, Pick<Column, 'computed'>> = new Map(),
): T {
  if (!table.columns.some(({ generated }) => generated)) return table
  const columns = table.columns.map((column): Column => {
    if (!column.generated) return column
    const { computed: _, ...plain } = column
    const old = known.get(column.name)
    const computed = old === undefined ? isComputable(table, column) : old.computed === true
    return computed ? { ...plain, computed } : plain
  })
  return { ...table, columns }
}

/** PostgreSQL's expression of a generated column. @throws LockstepError SQL_UNSUPPORTED */
export function generationOf(table: MappedTable, column: Column): string {
  const catalog = catalogOf({ version: 0, tables: [{ ...table, id: 0 }], foreignKeys: false })
  const relation = catalog.relation(table.name)
  const found = relation?.columns.find(({ name }) => name === column.name)
  if (relation === undefined || found === undefined || column.generatedSql === undefined)
    throw new LockstepError('SQL_UNSUPPORTED', `The text of "${column.name}" is not known`)
  return generatedExpression(column.generatedSql, found, relation, catalog)
}

function isComputable(table: MappedTable, column: Column): boolean {
  if (isPartOfRule(table, column)) return false
  try {
    generationOf(table, column)
    return true
  } catch (error) {
    if (error instanceof LockstepError) return false
    throw error
  }
}

/**
 * A key, a CHECK or a foreign key speaks of it. Statements look at those before the row is there, when
 * PostgreSQL has not computed the column yet.
 */
function isPartOfRule(table: MappedTable, { name }: Column): boolean {
  const folded = foldName(name)
  const mentions = (text: string | null): boolean =>
    text !== null && foldName(text).includes(folded)
  const inKey = table.indexes.some(
    ({ unique, parts, where }) =>
      unique &&
      (mentions(where) ||
        parts.some(({ column, expression }) => column === name || mentions(expression))),
  )
  return (
    inKey ||
    (table.checks ?? []).some(mentions) ||
    table.foreignKeys.some(({ columns }) => columns.some((each) => foldName(each) === folded))
  )
}
