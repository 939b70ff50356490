import type { AstNode, CreateTriggerStmt, FunctionCallExpr, QualifiedExpr } from 'sqlite3-parser'
import { LockstepError } from '../../core/errors.ts'
import { parseStatements } from '../parser.ts'
import type { ParameterClass, Step, Translator } from '../translation.ts'
import type { Collation } from '../translate/expression.ts'
import { descendants } from '../translate/syntax.ts'

/** One EXECUTE of a trigger's commands: a translated text, and what stands for its `$n`. */
export interface TriggerRun {
  readonly text: string
  /** The values' expressions, as `RowValue` has them. */
  readonly using: readonly string[]
  /** Its only column is the rowid of each row that it inserts, in their order. */
  readonly givesRowid: boolean
}

export type TriggerAction =
  | { readonly kind: 'run'; readonly steps: readonly TriggerRun[] }
  /** Its one column names, by number, the RAISE that a row calls for; NULL calls for none. */
  | { readonly kind: 'raise'; readonly query: TriggerRun; readonly raises: readonly Raise[] }

export interface Raise {
  readonly kind: 'ignore' | 'abort' | 'fail' | 'rollback'
  /** Null for IGNORE. */
  readonly message: string | null
}

export interface TriggerBody {
  /** A query of one boolean, or null. */
  readonly when: TriggerRun | null
  readonly actions: readonly TriggerAction[]
}

/** What stands for a value that only a trigger has, in its commands. */
export interface RowValue {
  /** An expression of PostgreSQL's; equal ones share a parameter. */
  readonly value: string
  readonly class_: ParameterClass
  /** Of a column, which may be NULL. */
  readonly collation?: Collation
  /** SQLite's words around the parameter, for its affinity. */
  readonly cast: (parameter: string) => string
}

/** A unary plus takes a column's affinity away and leaves its collation: https://www.sqlite.org/datatype3.html#collation */
export function withoutAffinity(parameter: string): string {
  return `(+${parameter})`
}

/** A column of NEW or OLD, or a call of `last_insert_rowid()`. @throws LockstepError SQL_UNSUPPORTED */
export type RowValueOf = (node: QualifiedExpr | FunctionCallExpr) => RowValue

/** The text of a trigger with its tree. */
export interface ReadTrigger {
  readonly sql: string
  readonly trigger: CreateTriggerStmt
}

/** @throws LockstepError SQL_UNSUPPORTED where the text is not that of a trigger */
export function readTrigger(sql: string): ReadTrigger {
  const [trigger] = parseStatements(sql)
  if (trigger?.type !== 'CreateTriggerStmt') throw uncarried('the trigger', 'is not understood')
  return { sql, trigger }
}

/**
 * Translates what a trigger does for one row. NEW and OLD become parameters, so that a command is translated
 * as any other statement.
 * @throws LockstepError SQL_UNSUPPORTED for what would not do the same on PostgreSQL
 */
export function translateBody(
  { sql, trigger }: ReadTrigger,
  rowValue: RowValueOf,
  translator: Translator,
): TriggerBody {
  const { whenClause, commands, time = 'Before' } = trigger
  const part = (node: AstNode, before: string, after: string): TriggerRun[] =>
    translatePart({ sql, node, before, after, rowValue, translator })
  const [when] = whenClause === undefined ? [] : part(whenClause, 'SELECT 1 WHERE ', '')
  return {
    when: when === undefined ? null : { ...when, text: `SELECT EXISTS (${when.text})` },
    actions: commands.map((command) => {
      // Refused before its text is changed: a message that is no literal may hold columns of the row.
      const raises = raisesOf(command).map((node) => raiseOf(node, time))
      if (raises.length === 0) return { kind: 'run', steps: part(command, '', '') }
      const [query] = part(command, '', '')
      if (query === undefined) throw uncarried('RAISE', 'has no form here')
      return { kind: 'raise', query, raises }
    }),
  }
}

interface Part {
  readonly sql: string
  readonly node: AstNode
  readonly before: string
  readonly after: string
  readonly rowValue: RowValueOf
  readonly translator: Translator
}

function translatePart(part: Part): TriggerRun[] {
  const { sql, node, before, after, rowValue, translator } = part
  const start = node.span.offset
  let text = sql.slice(start, start + node.span.length)
  const values: string[] = []
  const classes: ParameterClass[] = []
  const collations: (Collation | undefined)[] = []
  const raises = raisesOf(node)
  const rows = nodesOf(node).filter(isRowValue)
  for (const found of [...rows, ...raises].toSorted((a, b) => b.span.offset - a.span.offset)) {
    let replacement: string
    if (found.type === 'RaiseExpr') replacement = `'${raises.indexOf(found)}'`
    else {
      const { value, class_, collation, cast } = rowValue(found)
      let number = values.indexOf(value) + 1
      if (number === 0) {
        number = values.push(value)
        classes.push(class_)
        collations.push(collation)
      }
      replacement = cast(`?${number}`)
    }
    const at = found.span.offset - start
    text = `${text.slice(0, at)}${replacement}${text.slice(at + found.span.length)}`
  }
  const translation = translator.translate(`${before}${text}${after}`, classes, collations)
  if (raises.length > 0 && translation.columns.map(({ decoder }) => decoder).join() !== 'text')
    throw uncarried('RAISE', 'stands for a whole column, or for a result of CASE, alone')
  const { steps, kind, hiddenColumns, ignoresConflicts } = translation
  if (ignoresConflicts === true)
    throw uncarried('OR IGNORE', 'writes a table whose own triggers may meet conflicts')
  const hasRowid = kind === 'insert' && hiddenColumns > 0
  return steps.map((step) => ({
    ...runOf(step, values),
    givesRowid: hasRowid && step.role === 'result',
  }))
}

function runOf({ text, slots }: Step, values: readonly string[]): Omit<TriggerRun, 'givesRowid'> {
  if (slots.some(({ use }) => use !== 'value'))
    throw uncarried('NEW or OLD', 'faces a column of another type')
  return { text, using: slots.map(({ parameter }) => values[parameter - 1] as string) }
}

/** A column of NEW or OLD. */
export function isRow(node: AstNode): node is QualifiedExpr {
  return node.type === 'QualifiedExpr' && /^(?:new|old)$/i.test(node.table.text)
}

function isRowValue(node: AstNode): node is QualifiedExpr | FunctionCallExpr {
  if (isRow(node)) return true
  return node.type === 'FunctionCallExpr' && /^last_insert_rowid$/i.test(node.name.name)
}

type RaiseNode = Extract<AstNode, { readonly type: 'RaiseExpr' }>

function raisesOf(node: AstNode): RaiseNode[] {
  return nodesOf(node).filter((each): each is RaiseNode => each.type === 'RaiseExpr')
}

function raiseOf({ resolve, message }: RaiseNode, time: string): Raise {
  const construct = `RAISE(${resolve.toUpperCase()})`
  // SQLite keeps what the statement has done: all of the row, behind it.
  if (time === 'After' && (resolve === 'Ignore' || resolve === 'Fail'))
    throw uncarried(construct, 'has no form when the row is there already')
  if (resolve === 'Ignore') return { kind: 'ignore', message: null }
  const kind = ({ Abort: 'abort', Fail: 'fail', Rollback: 'rollback' } as const)[resolve as string]
  if (kind === undefined || message?.type !== 'StringLiteral')
    throw uncarried(construct, 'has a message that is only known when it runs')
  return { kind, message: message.value }
}

/** In the order of the text. */
export function nodesOf(root: AstNode): AstNode[] {
  return [...descendants(root)].toSorted((a, b) => a.span.offset - b.span.offset)
}

export function uncarried(construct: string, why: string): LockstepError {
  return new LockstepError('SQL_UNSUPPORTED', `A trigger cannot be carried: ${construct} ${why}`, {
    details: { construct },
  })
}
