import { torn, type Halves } from './atomic.ts'
import { notLinearizable } from './linearizable.ts'
import type { Operation } from './operation.ts'
import { badOwnReads } from './own-reads.ts'
import { misplaced } from './placement.ts'

/** What one place holds once everything is over and both places are equal. */
export interface Rows {
  readonly inserts: readonly string[]
  readonly left: readonly string[]
  readonly right: readonly string[]
  readonly total: number
  readonly registers: ReadonlyMap<number, string>
}

/** What is there before the first operation. */
export interface Beginning {
  readonly total: number
  readonly register: (key: number) => string
}

/**
 * Everything that is wrong with a run, each line one fault: what clients were told against what both places
 * hold. The clients have ended, and the places have caught up.
 */
export function faultsIn(
  operations: readonly Operation[],
  { sqlite, postgres }: Readonly<Record<'sqlite' | 'postgres', Rows>>,
  beginning: Beginning,
): string[] {
  const tokens = (table: 'inserts' | 'left' | 'right', kind: 'insert' | 'pair'): string[] =>
    misplaced(operations, kind, { table, sqlite: sqlite[table], postgres: postgres[table] })
  const halves = (place: Halves['place'], rows: Rows): string[] =>
    torn({ place, ...rows }, beginning.total)
  return [
    ...tokens('inserts', 'insert'),
    ...tokens('left', 'pair'),
    ...tokens('right', 'pair'),
    ...halves('sqlite', sqlite),
    ...halves('postgres', postgres),
    ...badOwnReads(operations, beginning.register),
    ...[...sqlite.registers.keys()].flatMap((key) =>
      registerFaults(operations, key, [sqlite, postgres], beginning.register(key)),
    ),
  ]
}

/** What each place holds in the end is one more read of the register, after everything. */
function registerFaults(
  operations: readonly Operation[],
  key: number,
  places: readonly Rows[],
  initial: string,
): string[] {
  const history = operations.filter((operation) => 'key' in operation && operation.key === key)
  const after = 1 + Math.max(0, ...history.map(({ begin, end = begin }) => Math.max(begin, end)))
  const last = places.map(({ registers }): Operation => ({
    kind: 'read',
    key,
    value: registers.get(key) ?? null,
    client: 'verdict',
    begin: after,
    end: after + 1,
    outcome: 'acknowledged',
  }))
  const fault = notLinearizable([...history, ...last], initial)
  return fault === null ? [] : [`register ${key}: ${fault}`]
}
