import { triggerKind } from '../sql/ddl/trigger.ts'
import type { ChangeEvent } from '../sql/ddl/trigger-access.ts'
import type { ForeignKey, Table, Trigger } from './model.ts'
import { foldName } from './quote.ts'
import { createRowByRow } from './row-by-row.ts'

/**
 * The names that a table's triggers have on PostgreSQL, by their own. SQLite runs the triggers of one time
 * and event in the order in which they were made, the newest first, behind what foreign keys carry on and before they are
 * looked at; PostgreSQL runs them by their names, among which are those of foreign keys. So where their own names would run
 * them otherwise, a letter and a number come before each.
 * https://www.postgresql.org/docs/current/trigger-definition.html
 */
export function postgresTriggerNames(
  table: Table,
  tables: readonly Table[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const { triggers } = table
  const kinds = new Set(triggers.map(({ sql }) => triggerKind(sql)))
  for (const kind of kinds) {
    const group = triggers.filter(({ sql }) => triggerKind(sql) === kind)
    const wanted = group.map(({ name }) => name).toReversed()
    const isFirst = isBeforeKeys(kind, group, table, tables)
    const bounds = isFirst ? [...wanted, foreignKeys.first] : [foreignKeys.last, ...wanted]
    const isInOrder = bounds.every(
      (name, index) => index === 0 || isBefore(bounds[index - 1]!, name),
    )
    const width = String(wanted.length).length
    const letter = isFirst ? 'A' : 't'
    for (const [index, name] of wanted.entries()) {
      const number = String(index + 1).padStart(width, '0')
      names.set(name, isInOrder ? name : `${letter}${number}_${name}`)
    }
  }
  return names
}

/** Around the names of the triggers that PostgreSQL makes for foreign keys, which have a letter and a number there. */
const foreignKeys = { first: 'RI_ConstraintTrigger_', last: 'RI_ConstraintTrigger_~' }

/** PostgreSQL compares the bytes, whatever the collation of the database. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}

function isBeforeKeys(
  kind: string,
  group: readonly Trigger[],
  table: Table,
  tables: readonly Table[],
): boolean {
  const [time, event] = kind.split(' ')
  if (time !== 'After') return false
  // They have the actions done themselves.
  const actions = createRowByRow(tables).actionsFirst(table, event as ChangeEvent)
  return actions === 'always' || mendsKeys(event as ChangeEvent, group, table, tables)
}

/**
 * Some of them may make right what a foreign key would refuse, as SQLite looks at the keys when the statement is over:
 * they delete the children of a row that is gone, or insert the parent of a new one. Not where the same change has foreign
 * keys act, which SQLite has them do before.
 */
function mendsKeys(
  event: ChangeEvent,
  group: readonly Trigger[],
  table: Table,
  tables: readonly Table[],
): boolean {
  const own = foldName(table.name)
  const action = ({ onDelete, onUpdate }: ForeignKey): string =>
    event === 'DELETE' ? onDelete : onUpdate
  const inbound = event === 'INSERT' ? [] : keysTo(own, tables)
  if (inbound.some(([, key]) => action(key).toUpperCase() !== 'NO ACTION')) return false
  const parents = event === 'DELETE' ? [] : table.foreignKeys.map(({ parent }) => foldName(parent))
  const related = [...inbound.map(([child]) => foldName(child.name)), ...parents]
  if (related.length === 0) return false
  const rowByRow = createRowByRow(tables)
  return group.some((trigger) => {
    const changed = rowByRow.changedBy(table, trigger)
    return related.some((name) => changed.has(name))
  })
}

function keysTo(parent: string, tables: readonly Table[]): [Table, ForeignKey][] {
  return tables.flatMap((child) =>
    child.foreignKeys
      .filter((key) => foldName(key.parent) === parent)
      .map((key): [Table, ForeignKey] => [child, key]),
  )
}
