import { triggerKind } from '../sql/ddl/trigger.ts'
import type { Trigger } from './model.ts'

/**
 * The names that a table's triggers have on PostgreSQL, by their own. SQLite runs the triggers of one time
 * and event in the order in which they were made, the newest first; PostgreSQL runs them by their names. So
 * where their own names would run them otherwise, a number comes before each.
 * https://www.postgresql.org/docs/current/trigger-definition.html
 * @param triggers of one table, in the order in which they were made
 */
export function postgresTriggerNames(triggers: readonly Trigger[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const kinds = new Set(triggers.map(({ sql }) => triggerKind(sql)))
  for (const kind of kinds) {
    const group = triggers.filter(({ sql }) => triggerKind(sql) === kind)
    const wanted = group.map(({ name }) => name).toReversed()
    const isInOrder = wanted.every(
      (name, index) => index === 0 || isBefore(wanted[index - 1], name),
    )
    const width = String(wanted.length).length
    for (const [index, name] of wanted.entries())
      names.set(name, isInOrder ? name : `${String(index + 1).padStart(width, '0')}_${name}`)
  }
  return names
}

/** PostgreSQL compares the bytes, whatever the collation of the database. */
function isBefore(a: string | undefined, b: string): boolean {
  return Buffer.compare(Buffer.from(a ?? ''), Buffer.from(b)) < 0
}
