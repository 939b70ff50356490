import type { FunctionCallExpr, QualifiedExpr } from 'sqlite3-parser'
import { readPostgresParameters } from '../overrides/postgres-text.ts'
import { foldName } from '../quote.ts'
import type { Translator } from '../translation.ts'
import type { DescribedColumn } from '../translate/describe.ts'
import type { Collation } from '../translate/expression.ts'
import { eventOf } from './trigger-access.ts'
import type { RowArgument } from './row-argument.ts'
import {
  readTrigger,
  translateBody,
  uncarried,
  withoutAffinity,
  type ReadTrigger,
  type RowValue,
  type TriggerBody,
  type TriggerRun,
} from './trigger-body.ts'

/** What happens to a view's row. */
export interface ViewChange {
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** The columns that SET names, folded. */
  readonly assigned: ReadonlySet<string>
}

/** The triggers that a change of a view fires, in the order in which SQLite runs them. @param texts in the order in which they were made */
export function firedTriggers(texts: readonly string[], change: ViewChange): ReadTrigger[] {
  return texts
    .map(readTrigger)
    .filter(({ trigger }) => {
      const { event, time } = trigger
      if (time !== 'InsteadOf' || eventOf(trigger) !== change.event) return false
      if (event.type !== 'UpdateOfTriggerEvent') return true
      return event.columns.some(({ text }) => change.assigned.has(foldName(text)))
    })
    .toReversed()
}

/** A program for `sqlite.instead_of`, and the values that it takes for each row. */
export interface RowProgram {
  /** JSON; see compat/writes.sql. */
  readonly program: string
  readonly args: readonly RowArgument[]
}

/** Gives a column of NEW or OLD, by its place; null where its value has no form. */
export type ArgumentOf = (row: 'NEW' | 'OLD', position: number) => RowArgument | null

/**
 * Translates what triggers do for a row of a view.
 * @throws LockstepError SQL_UNSUPPORTED
 */
export function rowProgram(
  triggers: readonly ReadTrigger[],
  columns: readonly DescribedColumn[],
  argumentOf: ArgumentOf,
  translator: Translator,
): RowProgram {
  const args = new Map<string, RowArgument>()
  const rowValue = (node: QualifiedExpr | FunctionCallExpr): RowValue => {
    if (node.type === 'FunctionCallExpr') return lastRowid
    const { key, argument, collation } = columnValue(node, columns, argumentOf)
    args.set(key, argument)
    // SQLite's own has the column's collation, but no affinity.
    return { value: key, class_: argument.class_, collation, cast: withoutAffinity }
  }
  const bodies = triggers.map((read) => translateBody(read, rowValue, translator))
  const places = new Map([...args.keys()].map((key, index) => [key, index + 1]))
  const program = bodies.map((body) => programOf(body, places))
  return { program: JSON.stringify(program), args: [...args.values()] }
}

/** Within a trigger it is that of the trigger's own INSERTs. https://www.sqlite.org/c3ref/last_insert_rowid.html */
const lastRowid: RowValue = {
  value: 'rowid',
  class_: 'integer',
  cast: (parameter) => `iif(1, ${parameter}, NULL)`,
}

function columnValue(
  node: QualifiedExpr,
  columns: readonly DescribedColumn[],
  argumentOf: ArgumentOf,
): { key: string; argument: RowArgument; collation: Collation } {
  const row = node.table.text.toUpperCase() as 'NEW' | 'OLD'
  const folded = foldName(node.column.text)
  const position = columns.findIndex(({ name }) => foldName(name) === folded)
  const column = columns[position]
  if (column === undefined)
    throw uncarried(`${row}.${node.column.text}`, 'is no column of the view')
  const argument = argumentOf(row, position)
  if (argument === null)
    throw uncarried(`${row}.${column.name}`, 'is given a value whose class is only known by row')
  return { key: `${row} ${position}`, argument, collation: column.collation }
}

function programOf({ when, actions }: TriggerBody, places: ReadonlyMap<string, number>): unknown {
  const text = (run: TriggerRun): string => placed(run, places)
  return {
    when: when === null ? null : text(when),
    actions: actions.flatMap((action): unknown[] => {
      if (action.kind === 'raise') return [{ text: text(action.query), raises: action.raises }]
      return action.steps.map((run) => ({ text: text(run), rowid: run.givesRowid }))
    }),
  }
}

/** `$1` is the array of the row's values there, `$2` the rowid of the last INSERT. */
function placed({ text, using }: TriggerRun, places: ReadonlyMap<string, number>): string {
  const parameters = readPostgresParameters(text).filter(({ name }) => /^\d+$/.test(name))
  return parameters.reduceRight((rest, { start, end, name }) => {
    const place = places.get(using[Number(name) - 1] ?? '')
    const value = place === undefined ? 'sqlite.known_rowid($2)' : `($1)[${place}]`
    return `${rest.slice(0, start)}${value}${rest.slice(end)}`
  }, text)
}
