import { withoutPolicies } from '../sql/ddl/without-policies.ts'
import type { TriggerAction } from '../sql/ddl/trigger-body.ts'
import { setByAction } from './acting-parents.ts'
import type { Table, Trigger } from './model.ts'
import type { RowByRow } from './row-by-row.ts'
import type { BelowAction } from './trigger-function.ts'

type MakeBelow = (
  table: Table,
  trigger: Trigger,
  translate: (sql: string) => { readonly actions: readonly TriggerAction[] },
) => BelowAction | null

/**
 * Below the action of a foreign key that sets columns SQLite runs every trigger without its conflict clauses, so that what meets
 * a conflict fails; a deletion starts anew. Only where both are there do triggers have to know of it.
 * https://www.sqlite.org/foreignkeys.html#fk_actions
 */
export function createBelowActions(
  tables: readonly Table[],
  schema: string,
  { accessOf }: Pick<RowByRow, 'accessOf'>,
): MakeBelow {
  const actedBy = (table: Table, trigger: Trigger): string | null => {
    const access = accessOf(table, trigger)
    return access === null ? null : setByAction(table, access, tables, schema)
  }
  const isSome = (judge: (table: Table, trigger: Trigger) => boolean): boolean =>
    tables.some((table) => table.triggers.some((trigger) => judge(table, trigger)))
  const arise =
    isSome((_, { sql }) => strictly(sql) !== null) &&
    isSome((table, trigger) => actedBy(table, trigger) !== null)
  return (table, trigger, translate) => {
    if (!arise) return null
    if (accessOf(table, trigger)?.event === 'DELETE')
      return { becomes: '', acted: 'true', actions: null }
    const strict = strictly(trigger.sql)
    const acted = actedBy(table, trigger)
    if (strict === null && acted === null) return null
    return { becomes: 'action', acted, actions: strict === null ? null : translate(strict).actions }
  }
}

function strictly(sql: string): string | null {
  // Most texts need no reading.
  return /\b(?:OR|REPLACE)\b/i.test(sql) ? withoutPolicies(sql) : null
}
