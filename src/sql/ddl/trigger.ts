import type {
  CreateTriggerStmt,
  FunctionCallExpr,
  InsertTriggerCmd,
  QualifiedExpr,
  Stmt,
  TriggerCmd,
} from 'sqlite3-parser'
import type { Relation, RelationColumn } from '../catalog.ts'
import { parseStatements } from '../parser.ts'
import { foldName as fold } from '../quote.ts'
import { tablesOf } from '../tables.ts'
import { sqliteSql } from '../translate/native.ts'
import { collationOf } from '../translate/sources.ts'
import type { ParameterClass, Translator } from '../translation.ts'
import { eventOf, targetOf } from './trigger-access.ts'
import {
  readTrigger,
  translateBody,
  uncarried as unsupported,
  withoutAffinity,
  type RowValue,
  type TriggerBody,
} from './trigger-body.ts'

/** A row trigger in PostgreSQL's terms. */
export interface TranslatedTrigger extends TriggerBody {
  readonly name: string
  readonly time: 'BEFORE' | 'AFTER'
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** Of `UPDATE OF`, as declared; null where every update counts. */
  readonly columns: readonly string[] | null
  /** Its WHEN clause reads tables, so that it hangs on other rows whether it does something. */
  readonly whenReads: boolean
}

/** Tables, by their folded names. */
export interface TriggerSurroundings {
  /** From these foreign keys carry changes on to the trigger's own. */
  readonly parents?: ReadonlySet<string>
  /** Indexes of SQLite's that PostgreSQL has not: what writes them has nothing to do. */
  readonly absent?: ReadonlySet<string>
}

/**
 * Translates a trigger of a table. NEW and OLD become parameters of their column's type and affinity, so
 * that a command is translated as any other statement.
 * @throws LockstepError SQL_UNSUPPORTED for what would not do the same on PostgreSQL
 */
export function translateTrigger(
  sql: string,
  relation: Relation,
  translator: Translator,
  { parents = new Set(), absent = new Set() }: TriggerSurroundings = {},
): TranslatedTrigger {
  const whole = readTrigger(sql)
  const commands = whole.trigger.commands.filter((command) => !absent.has(targetOf(command) ?? ''))
  const trigger = { ...whole.trigger, commands }
  const { triggerName, time = 'Before', event, whenClause } = trigger
  if (time === 'InsteadOf') throw unsupported('INSTEAD OF', 'is for views')
  for (const command of commands) {
    refuseParents(command, parents)
    if (isBeforeInsert(trigger) && command.type === 'InsertTriggerCmd')
      refuseOwnKey(command, relation)
  }
  const body = translateBody(
    { sql, trigger },
    (node) => valueOf(node, relation, trigger),
    translator,
  )
  return {
    ...body,
    name: triggerName.objName.text,
    time: time === 'Before' ? 'BEFORE' : 'AFTER',
    event: eventOf(trigger),
    whenReads:
      whenClause !== undefined && tablesOf(whenClause as unknown as Stmt).tables.length > 0,
    columns: event.type === 'UpdateOfTriggerEvent' ? event.columns.map(({ text }) => text) : null,
  }
}

/** The time and the event of a trigger: those that share them run one after the other. */
export function triggerKind(sql: string): string {
  const [trigger] = parseStatements(sql)
  if (trigger?.type !== 'CreateTriggerStmt') return ''
  return `${trigger.time ?? 'Before'} ${eventOf(trigger)}`
}

/** The value of a column, and the class of what is no NULL there; `dynamic` where it may be of several. */
function typedValue(
  sql: string,
  { postgresType, affinity }: RelationColumn,
): { value: string; class_: ParameterClass } | undefined {
  const isNumeric = affinity === 'numeric' || affinity === 'integer'
  switch (postgresType) {
    case 'bigint':
      return { value: sql, class_: 'integer' }
    case 'bytea':
      return { value: sql, class_: 'blob' }
    case 'double precision':
      if (!isNumeric) return { value: sql, class_: 'real' }
      return { value: `sqlite.dynamic_numeric(${sql})`, class_: 'dynamic' }
    case 'numeric':
      return { value: sqliteSql(sql, postgresType, affinity), class_: 'dynamic' }
    case 'text':
      if (!isNumeric && affinity !== 'real') return { value: sql, class_: 'text' }
      return isNumeric ? { value: `sqlite.apply_numeric(${sql})`, class_: 'dynamic' } : undefined
    default:
      return undefined
  }
}

/**
 * A column of NEW or OLD: any of them may be NULL. SQLite's own have a collation, but no affinity unless they are
 * the rowid (sqlite3ExprAffinity knows no TK_TRIGGER).
 */
function valueOf(
  node: QualifiedExpr | FunctionCallExpr,
  relation: Relation,
  trigger: CreateTriggerStmt,
): RowValue {
  if (node.type === 'FunctionCallExpr')
    throw unsupported('last_insert_rowid()', 'is not known there')
  const row = node.table.text.toUpperCase()
  const column = columnOf(node.column.text, relation)
  // PostgreSQL computes generated columns when its BEFORE triggers have run.
  if (column.generated && row === 'NEW' && (trigger.time ?? 'Before') === 'Before')
    throw unsupported('NEW of a generated column', 'is not known before the row is there')
  const key = relation.rowid?.column
  if (column.name === key && row === 'NEW' && isBeforeInsert(trigger))
    throw unsupported('NEW of the automatic key', 'is not known before the row is there')
  const typed = typedValue(`${row}."${column.postgresName.replaceAll('"', '""')}"`, column)
  if (typed === undefined)
    throw unsupported(`${row}.${column.name}`, 'is of a type that a trigger cannot carry')
  if (column.name === key) return { ...typed, cast: (parameter) => `CAST(${parameter} AS INTEGER)` }
  return { ...typed, collation: collationOf(column) ?? 'BINARY', cast: withoutAffinity }
}

function columnOf(name: string, { columns, rowid }: Relation): RelationColumn {
  const folded = fold(name)
  const found = columns.find((column) => fold(column.name) === folded)
  const key = columns.find((column) => column.name === rowid?.column)
  const column = found ?? (['rowid', '_rowid_', 'oid'].includes(folded) ? key : undefined)
  if (column === undefined) throw unsupported(name, 'is no column that a trigger can carry')
  return column
}

function isBeforeInsert({ time = 'Before', event }: CreateTriggerStmt): boolean {
  return time === 'Before' && event.type === 'InsertTriggerEvent'
}

/** PostgreSQL gives the row its key before the trigger runs, SQLite when it has run. */
function refuseOwnKey({ tblName }: InsertTriggerCmd, { name, rowid }: Relation): void {
  if (rowid === null || fold(tblName.objName.text) !== fold(name)) return
  throw unsupported(`INSERT INTO "${name}"`, 'would get the automatic key of the row itself')
}

/** Where their rows go one after the other on SQLite, all are gone on PostgreSQL when the first trigger fires. */
function refuseParents(command: TriggerCmd, parents: ReadonlySet<string>): void {
  const reads = tablesOf(command as unknown as Stmt).tables
  const parent = reads.find((name) => parents.has(fold(name)))
  if (parent === undefined) return
  throw unsupported(`"${parent}"`, 'is half changed while foreign keys carry its changes on')
}
