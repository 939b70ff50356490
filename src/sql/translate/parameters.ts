import type {
  ParameterAssumption,
  ParameterClass,
  Slot,
  SlotType,
  SlotUse,
  UpgradedColumn,
} from '../translation.ts'
import type { Collation } from './expression.ts'

const CLASSES: readonly ParameterClass[] = [
  'null',
  'integer',
  'integral-real',
  'real',
  'integral-text',
  'numeric-text',
  'text',
  'blob',
  'dynamic',
]

/**
 * The parameters of one statement. A slot is a mark in the text until the text is finished, so that text may be
 * dropped, repeated and moved to another step; marks cannot be met in an application's text, as a NUL is
 * refused there.
 */
export interface Parameters {
  /** The SQL of one parameter with its cast: a slot for each (parameter, type, use). */
  slot(parameter: number, type: SlotType, use: SlotUse, column?: UpgradedColumn): string
  /**
   * Whether the parameter's class is one of these. Only what was asked becomes a part of the translation's
   * assumptions, so ask where the text depends on it and not before.
   */
  isOneOf(parameter: number, classes: readonly ParameterClass[]): boolean
  /** The class itself, which pins the translation to it: `isOneOf` is better where it will do. */
  classOf(parameter: number): ParameterClass
  /** Of the column of a trigger's row that the parameter stands for, which may be NULL; undefined where it is none. */
  columnCollation(parameter: number): Collation | undefined
  /** They stand for a trigger's row, so that the statement is one of a trigger. */
  readonly isOfTrigger: boolean
  /** What the translation holds for, so far. */
  assumptions(): readonly ParameterAssumption[]
  /** `$1`, `$2`, ... in place of the marks, and what they stand for. */
  finish(text: string): { readonly text: string; readonly slots: readonly Slot[] }
}

export function createParameters(
  classes: readonly ParameterClass[],
  columns?: readonly (Collation | undefined)[],
): Parameters {
  const slots: Slot[] = []
  const known = new Map<string, number>()
  const possible = new Map<number, readonly ParameterClass[]>()

  // A parameter of which nothing is known is taken for NULL, as SQLite takes an unbound one.
  const actual = (parameter: number): ParameterClass => classes[parameter - 1] ?? 'null'

  return {
    slot(parameter, type, use, column) {
      const key = `${parameter} ${type} ${use} ${column?.type} ${column?.affinity}`
      const slot = { parameter, type, use, ...(column === undefined ? {} : { column }) }
      const index = known.get(key) ?? slots.push(slot) - 1
      known.set(key, index)
      return `\0${index}\0::${type}`
    },
    isOneOf(parameter, wanted) {
      const answer = wanted.includes(actual(parameter))
      const before = possible.get(parameter) ?? CLASSES
      possible.set(
        parameter,
        before.filter((each) => wanted.includes(each) === answer),
      )
      return answer
    },
    classOf(parameter) {
      possible.set(parameter, [actual(parameter)])
      return actual(parameter)
    },
    columnCollation: (parameter) => columns?.[parameter - 1],
    isOfTrigger: columns !== undefined,
    assumptions: () =>
      Array.from(possible, ([parameter, classes]) => ({ parameter, classes })).filter(
        (each) => each.classes.length < CLASSES.length,
      ),
    finish: (text) => number(text, slots),
  }
}

function number(
  text: string,
  slots: readonly Slot[],
): { readonly text: string; readonly slots: readonly Slot[] } {
  const numbers = new Map<number, number>()
  const used: Slot[] = []
  const parts = text.split('\0')
  const numbered = parts.map((part, position) => {
    if (position % 2 === 0) return part
    const index = Number(part)
    const slot = slots[index]
    if (slot === undefined) throw new Error('A mark names no slot')
    const number = numbers.get(index) ?? used.push(slot)
    numbers.set(index, number)
    return `$${number}`
  })
  return { text: numbered.join(''), slots: used }
}
