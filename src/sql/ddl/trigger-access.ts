import type { AstNode, CreateTriggerStmt, Stmt, TriggerCmd } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { parseStatements } from '../parser.ts'
import { foldName } from '../quote.ts'
import { tablesOf } from '../tables.ts'
import { isRow, nodesOf } from './trigger-body.ts'

export type ChangeEvent = 'INSERT' | 'UPDATE' | 'DELETE'

/** A change of a table's rows, as a trigger's command or the action of a foreign key makes it. */
export interface TableChange {
  /** Folded. */
  readonly table: string
  readonly event: ChangeEvent
  /** Folded names of the columns that an UPDATE sets; null where it may be any. */
  readonly columns: ReadonlySet<string> | null
  /** It is of the row that the trigger is run for, and looks at no other one. */
  readonly ofItsRow: boolean
}

/** Which tables the text of a trigger speaks of. */
export interface TriggerAccess {
  readonly time: 'BEFORE' | 'AFTER'
  readonly event: ChangeEvent
  /** Folded names of `UPDATE OF`; null where every update counts. */
  readonly columns: ReadonlySet<string> | null
  /** Folded; an UPDATE and a DELETE look at their table too. */
  readonly reads: ReadonlySet<string>
  /** Those of them that a query names, and not a command as what it writes. */
  readonly queries: ReadonlySet<string>
  readonly changes: readonly TableChange[]
}

/** Null where the text is no trigger of a table. */
export function triggerAccess(
  sql: string,
  table: Pick<Relation, 'name' | 'rowid'>,
): TriggerAccess | null {
  const [trigger] = parseStatements(sql)
  if (trigger?.type !== 'CreateTriggerStmt' || trigger.time === 'InsteadOf') return null
  const { event, whenClause, commands, time = 'Before' } = trigger
  const reads = new Set(whenClause === undefined ? [] : namedIn(whenClause))
  const queries = new Set(reads)
  const changes: TableChange[] = []
  for (const command of commands) {
    const ofItsRow = time === 'After' && isOfItsRow(command, table)
    changes.push(...changesOf(command, ofItsRow))
    const target = targetOf(command)
    const isLookedAt = command.type !== 'InsertTriggerCmd' || readsTarget(command)
    for (const name of namedIn(command)) {
      if (name !== target || (isLookedAt && !ofItsRow)) reads.add(name)
      if (name !== target || readsTarget(command)) queries.add(name)
    }
  }
  const columns =
    event.type === 'UpdateOfTriggerEvent'
      ? new Set(event.columns.map(({ text }) => foldName(text)))
      : null
  return {
    time: time === 'Before' ? 'BEFORE' : 'AFTER',
    event: eventOf(trigger),
    columns,
    reads,
    queries,
    changes,
  }
}

export function eventOf({ event }: Pick<CreateTriggerStmt, 'event'>): ChangeEvent {
  if (event.type === 'InsertTriggerEvent') return 'INSERT'
  return event.type === 'DeleteTriggerEvent' ? 'DELETE' : 'UPDATE'
}

function namedIn(node: AstNode): string[] {
  return tablesOf(node as unknown as Stmt).tables.map(foldName)
}

/** Folded; null for a query. */
/** The table that a command writes, folded; null for one that only reads. */
export function targetOf(command: TriggerCmd): string | null {
  return command.type === 'SelectTriggerCmd' ? null : foldName(command.tblName.objName.text)
}

function readsTarget(command: TriggerCmd): boolean {
  const own = targetOf(command)
  return nodesOf(command).some(
    (node) => node.type === 'TableSelectTable' && foldName(node.tblName.objName.text) === own,
  )
}

function changesOf(command: TriggerCmd, ofItsRow: boolean): TableChange[] {
  if (command.type === 'SelectTriggerCmd') return []
  const table = foldName(command.tblName.objName.text)
  const change = (event: ChangeEvent, columns: TableChange['columns'] = null): TableChange => ({
    table,
    event,
    columns,
    ofItsRow,
  })
  if (command.type === 'DeleteTriggerCmd') return [change('DELETE')]
  const replaces = command.orConflict === 'Replace' ? [change('DELETE')] : []
  if (command.type === 'UpdateTriggerCmd') {
    const names = command.sets.flatMap(({ colNames }) => colNames.map(({ text }) => foldName(text)))
    return [change('UPDATE', new Set(names)), ...replaces]
  }
  const updates = command.upsert === undefined ? [] : [change('UPDATE')]
  return [change('INSERT'), ...updates, ...replaces]
}

/** `id = NEW.id`, or `rowid = OLD.id`, and no other mention of the table. */
function isOfItsRow(
  command: TriggerCmd,
  { name, rowid }: Pick<Relation, 'name' | 'rowid'>,
): boolean {
  if (command.type !== 'UpdateTriggerCmd' && command.type !== 'DeleteTriggerCmd') return false
  const { whereClause: where } = command
  if (targetOf(command) !== foldName(name) || readsTarget(command)) return false
  if (where?.type !== 'BinaryExpr' || where.op !== 'Equals' || rowid === null) return false
  const names = new Set([foldName(rowid.column), 'rowid', '_rowid_', 'oid'])
  const [left, right] = isRow(where.left) ? [where.right, where.left] : [where.left, where.right]
  if (!isRow(right) || !names.has(foldName(right.column.text))) return false
  return left.type === 'Id' && names.has(foldName(left.name))
}
