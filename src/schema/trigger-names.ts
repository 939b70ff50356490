import { triggerKind } from '../sql/ddl/trigger.ts'
import type { Trigger } from './model.ts'

/**
 * The names that a table's triggers have on PostgreSQL, by their own. SQLite runs the triggers of one time
 * and event in the order in which they were made, the newest first, and behind what foreign keys carry on;
 * PostgreSQL runs them by their names, among which are those of foreign keys. So where their own names would run them
 * otherwise, a number comes before each.
 * https://www.postgresql.org/docs/current/trigger-definition.html
 * @param triggers of one table, in the order in which they were made
 */
export function postgresTriggerNames(triggers: readonly Trigger[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const kinds = new Set(triggers.map(({ sql }) => triggerKind(sql)))
  for (const kind of kinds) {
    const group = triggers.filter(({ sql }) => triggerKind(sql) === kind)
    const wanted = group.map(({ name }) => name).toReversed()
    const isInOrder = wanted.every((name, index) => isBefore(wanted[index - 1] ?? foreignKey, name))
    const width = String(wanted.length).length
    for (const [index, name] of wanted.entries())
      names.set(name, isInOrder ? name : `t${String(index + 1).padStart(width, '0')}_${name}`)
  }
  return names
}

/** Behind the names of the triggers that PostgreSQL makes for foreign keys, which have a letter and a number there. */
const foreignKey = 'RI_ConstraintTrigger_~'

/** PostgreSQL compares the bytes, whatever the collation of the database. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}
