import { parseStatements } from '../sql/parser.ts'
import { eachNode } from '../sql/tables.ts'
import type { Trigger } from '../schema/model.ts'
import { foldName } from '../schema/quote.ts'

/** The folded names of tables. */
export interface TriggerWrites {
  readonly inserted: ReadonlySet<string>
  readonly changed: ReadonlySet<string>
}

/** What triggers insert into, and what they update or delete from; null where one of them cannot be read. */
export function writtenByTriggers(triggers: readonly Trigger[]): TriggerWrites | null {
  const inserted = new Set<string>()
  const changed = new Set<string>()
  for (const { sql } of triggers) {
    try {
      for (const statement of parseStatements(sql)) {
        eachNode(statement, (node) => {
          if (node.type === 'InsertTriggerCmd') inserted.add(foldName(node.tblName.objName.text))
          if (node.type === 'UpdateTriggerCmd' || node.type === 'DeleteTriggerCmd')
            changed.add(foldName(node.tblName.objName.text))
        })
      }
    } catch {
      return null
    }
  }
  return { inserted, changed }
}
