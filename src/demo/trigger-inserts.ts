import { parseStatements } from '../sql/parser.ts'
import { eachNode } from '../sql/tables.ts'
import type { Trigger } from '../schema/model.ts'
import { foldName } from '../schema/quote.ts'

/** The folded names of the tables that triggers insert into; null where one of them cannot be read. */
export function insertedByTriggers(triggers: readonly Trigger[]): ReadonlySet<string> | null {
  const names = new Set<string>()
  for (const { sql } of triggers) {
    try {
      for (const statement of parseStatements(sql)) {
        eachNode(statement, (node) => {
          if (node.type === 'InsertTriggerCmd') names.add(foldName(node.tblName.objName.text))
        })
      }
    } catch {
      return null
    }
  }
  return names
}
