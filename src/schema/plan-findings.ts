import { isLockstepError } from '../core/errors.ts'
import { decision, info } from './findings.ts'
import type { Finding, Table } from './model.ts'
import { addForeignKeys } from './postgres-foreign-keys.ts'
import { createIndexes } from './postgres-indexes.ts'
import { createTable } from './postgres-tables.ts'
import { createTriggers } from './postgres-triggers.ts'

/**
 * What all steps from the bare tables to the foreign keys of a flip would say of a table, without a server.
 * @param schema of the tables on PostgreSQL
 */
export function planFindings(table: Table, tables: readonly Table[], schema: string): Finding[] {
  try {
    return [
      ...createTable(table, schema).findings,
      ...createIndexes(table, schema).findings,
      ...triggerFindings(table, tables, schema),
      ...addForeignKeys(table, { tables }, schema).findings,
    ]
  } catch (error) {
    // A name that PostgreSQL cannot have; the other tables are looked at all the same.
    if (!isLockstepError(error, 'SCHEMA_UNSUPPORTED')) throw error
    return [decision('SCHEMA_UNSUPPORTED', { table: table.name }, error.message)]
  }
}

/** What becomes of each trigger of a table, for better or worse. */
export function triggerFindings(table: Table, tables: readonly Table[], schema: string): Finding[] {
  return table.triggers.flatMap((trigger) => {
    const { findings } = createTriggers(table, tables, schema, [trigger])
    return findings.length > 0 ? findings : carried(table, trigger.name)
  })
}

function carried(table: Table, trigger: string): Finding {
  return info('TRIGGER_CARRIED', { table: table.name }, `trigger "${trigger}" is carried`)
}
