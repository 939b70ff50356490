import type { Value } from '../values/value.ts'

/** Values by column name. */
export type Cells = Readonly<Record<string, Value>>

/** What one acknowledged operation did to one row. */
export interface Effect {
  readonly table: string
  /** The columns that find the row, always the same ones for a table and a kind of row. */
  readonly key: Cells
  /** The columns that were written, or null where the row was deleted. */
  readonly row: Cells | null
}

/** What a row must be on a place. */
export interface Expectation {
  readonly table: string
  readonly key: Cells
  /** Null where the row must be gone. */
  readonly row: Cells | null
  /** The outcome of an operation on the row is unknown: `row` or any of these will do. */
  readonly others: readonly (Cells | null)[]
}

/**
 * Everything that the application was told had happened, boiled down to the state each row must be in.
 *
 * Rules: a writer touches only rows of its own, one operation after the other, so the last acknowledged
 * effect on a row is its state. A key that was given out again after its row was deleted (SQLite does that
 * without AUTOINCREMENT) has two writers: then the one whose row lives decides, whatever order the
 * acknowledgements came in, because both cannot live at once.
 */
export interface Ledger {
  acknowledge(writer: number, effects: readonly Effect[]): void
  /** The operation failed in a way that leaves open whether it was done. */
  doubt(writer: number, effects: readonly Effect[]): void
  expectations(): Expectation[]
  /** Operations, not rows. */
  readonly acknowledged: number
  readonly unknown: number
}

interface State {
  /** Undefined until an operation on the row was acknowledged. */
  row: Cells | null | undefined
  others: (Cells | null)[]
}

interface Entry {
  readonly table: string
  readonly key: Cells
  readonly states: Map<number, State>
}

export function createLedger(): Ledger {
  const entries = new Map<string, Entry>()
  let acknowledged = 0
  let unknown = 0

  const stateOf = (writer: number, { table, key }: Effect): State => {
    const name = nameOf(table, key)
    const entry = entries.get(name) ?? { table, key, states: new Map<number, State>() }
    entries.set(name, entry)
    const state = entry.states.get(writer) ?? { row: undefined, others: [] }
    entry.states.set(writer, state)
    return state
  }

  return {
    get acknowledged() {
      return acknowledged
    },
    get unknown() {
      return unknown
    },
    acknowledge: (writer, effects) => {
      acknowledged++
      for (const effect of effects) {
        const state = stateOf(writer, effect)
        state.others = state.others.map((row) => merge(row, effect.row))
        state.row = merge(state.row, effect.row)
      }
    },
    doubt: (writer, effects) => {
      unknown++
      for (const effect of effects) {
        const state = stateOf(writer, effect)
        state.others.push(merge(state.row, effect.row))
      }
    },
    expectations: () => [...entries.values()].flatMap(settle),
  }
}

/** An update writes some columns and leaves those that earlier operations wrote. */
function merge(before: Cells | null | undefined, effect: Cells | null): Cells | null {
  return effect === null ? null : { ...before, ...effect }
}

/** Nothing is expected of a row where nothing was acknowledged. */
function settle({ table, key, states }: Entry): Expectation[] {
  const known = [...states.values()].filter((state) => state.row !== undefined)
  const living = known.find((state) => state.row !== null) ?? known[0]
  if (living === undefined) return []
  const others = [...states.values()].flatMap((state) => state.others)
  return [{ table, key, row: living.row ?? null, others }]
}

/** One text for one row; the classes are part of it, as 1, '1' and x'31' are three different keys. */
function nameOf(table: string, key: Cells): string {
  const parts = Object.entries(key).map(([column, value]) => [column, typeof value, textOf(value)])
  return JSON.stringify([table, parts])
}

function textOf(value: Value): string | null {
  if (value === null) return null
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value)
}
