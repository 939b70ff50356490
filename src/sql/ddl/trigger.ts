import { VisitorKeys } from 'sqlite3-parser'
import type { AstNode, CreateTriggerStmt, QualifiedExpr, Stmt, TriggerCmd } from 'sqlite3-parser'
import { LockstepError } from '../../core/errors.ts'
import type { Relation, RelationColumn } from '../catalog.ts'
import { parseStatements } from '../parser.ts'
import { tablesOf } from '../tables.ts'
import type { ParameterClass, Step, Translator } from '../translation.ts'

/** One EXECUTE of a trigger's function: a translated text, and what stands for its `$n`. */
export interface TriggerRun {
  readonly text: string
  /** PostgreSQL's expressions, `NEW."column"`. */
  readonly using: readonly string[]
}

export type TriggerAction =
  | { readonly kind: 'run'; readonly steps: readonly TriggerRun[] }
  /** Its one column names, by number, the RAISE that a row calls for; NULL calls for none. */
  | { readonly kind: 'raise'; readonly query: TriggerRun; readonly raises: readonly Raise[] }

export interface Raise {
  /** Null for IGNORE. */
  readonly message: string | null
}

/** A row trigger in PostgreSQL's terms. */
export interface TranslatedTrigger {
  readonly name: string
  readonly time: 'BEFORE' | 'AFTER'
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** Of `UPDATE OF`, as declared; null where every update counts. */
  readonly columns: readonly string[] | null
  /** A query of one boolean, or null. */
  readonly when: TriggerRun | null
  readonly actions: readonly TriggerAction[]
}

/**
 * Translates a trigger of a table. NEW and OLD become parameters of their column's type and affinity, so
 * that a command is translated as any other statement.
 * @param parents folded names of tables from which foreign keys carry changes on to this one
 * @throws LockstepError SQL_UNSUPPORTED for what would not do the same on PostgreSQL
 */
export function translateTrigger(
  sql: string,
  relation: Relation,
  translator: Translator,
  parents: ReadonlySet<string> = new Set(),
): TranslatedTrigger {
  const [trigger] = parseStatements(sql)
  if (trigger?.type !== 'CreateTriggerStmt') throw unsupported('the trigger', 'is not understood')
  const { triggerName, time = 'Before', event, whenClause, commands } = trigger
  if (time === 'InsteadOf') throw unsupported('INSTEAD OF', 'views are not written to')
  const part = (node: AstNode, before: string, after: string): TriggerRun[] =>
    translatePart({ sql, node, before, after, relation, trigger, translator })
  const [when] = whenClause === undefined ? [] : part(whenClause, 'SELECT 1 WHERE ', '')
  for (const command of commands) {
    refuseOwnTable(command, trigger, relation)
    refuseParents(command, parents)
  }
  return {
    name: triggerName.objName.text,
    time: time === 'Before' ? 'BEFORE' : 'AFTER',
    event: eventOf(trigger),
    columns: event.type === 'UpdateOfTriggerEvent' ? event.columns.map(({ text }) => text) : null,
    when: when === undefined ? null : { ...when, text: `SELECT EXISTS (${when.text})` },
    actions: commands.map((command) => {
      const raises = raisesOf(command)
      if (raises.length === 0) return { kind: 'run', steps: part(command, '', '') }
      const [query] = part(command, '', '')
      if (query === undefined) throw unsupported('RAISE', 'has no form here')
      return { kind: 'raise', query, raises: raises.map((node) => raiseOf(node, time)) }
    }),
  }
}

/** The time and the event of a trigger: those that share them run one after the other. */
export function triggerKind(sql: string): string {
  const [trigger] = parseStatements(sql)
  if (trigger?.type !== 'CreateTriggerStmt') return ''
  return `${trigger.time ?? 'Before'} ${eventOf(trigger)}`
}

interface Part {
  readonly sql: string
  readonly node: AstNode
  readonly before: string
  readonly after: string
  readonly relation: Relation
  readonly trigger: CreateTriggerStmt
  readonly translator: Translator
}

function translatePart(part: Part): TriggerRun[] {
  const { sql, node, before, after, relation, trigger, translator } = part
  const start = node.span.offset
  let text = sql.slice(start, start + node.span.length)
  const values: string[] = []
  const classes: ParameterClass[] = []
  const raises = raisesOf(node)
  const rows = nodesOf(node).filter(isRow)
  for (const found of [...rows, ...raises].toSorted((a, b) => b.span.offset - a.span.offset)) {
    let replacement: string
    if (found.type === 'QualifiedExpr') {
      const { value, class_, cast } = valueOf(found, relation, trigger)
      let number = values.indexOf(value) + 1
      if (number === 0) {
        number = values.push(value)
        classes.push(class_)
      }
      replacement = cast(`?${number}`)
    } else replacement = `'${raises.indexOf(found)}'`
    const at = found.span.offset - start
    text = `${text.slice(0, at)}${replacement}${text.slice(at + found.span.length)}`
  }
  const translation = translator.translate(`${before}${text}${after}`, classes)
  if (raises.length > 0 && translation.columns.map(({ decoder }) => decoder).join() !== 'text')
    throw unsupported('RAISE', 'stands for a whole column, or for a result of CASE, alone')
  return translation.steps.map((step) => runOf(step, values))
}

function runOf({ text, slots }: Step, values: readonly string[]): TriggerRun {
  if (slots.some(({ use }) => use !== 'value'))
    throw unsupported('NEW or OLD', 'faces a column of another type')
  return { text, using: slots.map(({ parameter }) => values[parameter - 1] as string) }
}

function isRow(node: AstNode): node is QualifiedExpr {
  return node.type === 'QualifiedExpr' && /^(?:new|old)$/i.test(node.table.text)
}

/** The class of every value but NULL that the column can hold; undefined where there are several. */
function classOf({ postgresType, affinity }: RelationColumn): ParameterClass | undefined {
  const isPlain = affinity === 'blob'
  if (postgresType === 'bigint') return 'integer'
  if (postgresType === 'bytea') return 'blob'
  if (postgresType === 'double precision' && (isPlain || affinity === 'real')) return 'real'
  return postgresType === 'text' && (isPlain || affinity === 'text') ? 'text' : undefined
}

/**
 * A column of NEW or OLD: any of them may be NULL. SQLite's own have a collation, but no affinity unless they are
 * the rowid (sqlite3ExprAffinity knows no TK_TRIGGER), which `iif` takes away here.
 */
function valueOf(
  node: QualifiedExpr,
  relation: Relation,
  trigger: CreateTriggerStmt,
): { value: string; class_: ParameterClass; cast: (parameter: string) => string } {
  const row = node.table.text.toUpperCase()
  const column = columnOf(node.column.text, relation)
  // PostgreSQL computes generated columns when its BEFORE triggers have run.
  if (column.generated && row === 'NEW' && (trigger.time ?? 'Before') === 'Before')
    throw unsupported('NEW of a generated column', 'is not known before the row is there')
  const key = relation.rowid?.column
  if (column.name === key && row === 'NEW' && isBeforeInsert(trigger))
    throw unsupported('NEW of the automatic key', 'is not known before the row is there')
  const class_ = classOf(column)
  if (class_ === undefined)
    throw unsupported(`${row}.${column.name}`, 'is of a type that a trigger cannot carry')
  const collate = column.collation === 'BINARY' ? '' : ` COLLATE ${column.collation}`
  return {
    value: `${row}."${column.postgresName.replaceAll('"', '""')}"`,
    class_,
    cast: (parameter) =>
      column.name === key
        ? `CAST(${parameter} AS INTEGER)`
        : `(iif(1, ${parameter}, NULL)${collate})`,
  }
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

function eventOf({ event }: CreateTriggerStmt): TranslatedTrigger['event'] {
  if (event.type === 'InsertTriggerEvent') return 'INSERT'
  return event.type === 'DeleteTriggerEvent' ? 'DELETE' : 'UPDATE'
}

/**
 * PostgreSQL runs AFTER triggers when a statement has changed all of its rows, SQLite after each. So what
 * a trigger sees of its own table differs, except of the very row.
 */
function refuseOwnTable(
  command: TriggerCmd,
  { time = 'Before' }: CreateTriggerStmt,
  relation: Relation,
): void {
  const own = fold(relation.name)
  const target = 'tblName' in command ? fold(command.tblName.objName.text) : null
  const reads = tablesOf(command as unknown as Stmt).tables.map(fold)
  if (target !== own && !reads.includes(own)) return
  const mentions = nodesOf(command).filter(
    (node) => node.type === 'TableSelectTable' && fold(node.tblName.objName.text) === own,
  )
  const isItsRow =
    (command.type === 'UpdateTriggerCmd' || command.type === 'DeleteTriggerCmd') &&
    isKeyTest(command.whereClause, relation)
  if (time === 'After' && isItsRow && mentions.length === 0) return
  throw unsupported(
    `"${relation.name}"`,
    'is the table of the trigger itself, in more than the row',
  )
}

/** Where their rows go one after the other on SQLite, all are gone on PostgreSQL when the first trigger fires. */
function refuseParents(command: TriggerCmd, parents: ReadonlySet<string>): void {
  const reads = tablesOf(command as unknown as Stmt).tables
  const parent = reads.find((name) => parents.has(fold(name)))
  if (parent === undefined) return
  throw unsupported(`"${parent}"`, 'is half changed while foreign keys carry its changes on')
}

/** `id = NEW.id`, or `rowid = OLD.id`. */
function isKeyTest(where: AstNode | undefined, { rowid }: Relation): boolean {
  if (where?.type !== 'BinaryExpr' || where.op !== 'Equals' || rowid === null) return false
  const names = new Set([fold(rowid.column), 'rowid', '_rowid_', 'oid'])
  const [left, right] = isRow(where.left) ? [where.right, where.left] : [where.left, where.right]
  if (!isRow(right) || !names.has(fold(right.column.text))) return false
  return left.type === 'Id' && names.has(fold(left.name))
}

type RaiseNode = Extract<AstNode, { readonly type: 'RaiseExpr' }>

function raisesOf(node: AstNode): RaiseNode[] {
  return nodesOf(node).filter((each): each is RaiseNode => each.type === 'RaiseExpr')
}

function raiseOf({ resolve, message }: RaiseNode, time: string): Raise {
  if (resolve === 'Ignore' && time === 'Before') return { message: null }
  if (resolve === 'Abort' && message?.type === 'StringLiteral') return { message: message.value }
  throw unsupported(`RAISE(${resolve.toUpperCase()})`, 'has no form there')
}

function nodesOf(root: AstNode): AstNode[] {
  const keys: Partial<Record<string, readonly string[]>> = VisitorKeys
  const found: AstNode[] = []
  const stack: AstNode[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    found.push(node)
    const slots = node as unknown as Record<string, AstNode | readonly AstNode[] | undefined>
    for (const key of keys[node.type] ?? []) stack.push(...[slots[key] ?? []].flat())
  }
  return found.toSorted((a, b) => a.span.offset - b.span.offset)
}

function unsupported(construct: string, why: string): LockstepError {
  return new LockstepError('SQL_UNSUPPORTED', `A trigger cannot be carried: ${construct} ${why}`, {
    details: { construct },
  })
}

function fold(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
