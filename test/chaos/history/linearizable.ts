import type { Operation } from './operation.ts'

/** A write or a read of one register, and the time in which it must have happened. */
interface Step {
  readonly begin: number
  readonly end: number
  readonly writes?: string
  readonly reads?: string | null
}

/**
 * Whether the history of one register is linearizable: each operation happens at one moment between its
 * beginning and its end, and a read gives what was written last (Herlihy and Wing, "Linearizability", 1990).
 *
 * The search is Wing's and Gong's ("Testing and verifying concurrent objects", 1993) with Lowe's memory of
 * what was tried ("Testing for linearizability", 2017): whatever began before the first end among what is
 * left may come next, and where the same has happened and the register has the same value, the rest is the
 * same. A history falls into stretches between moments at which nothing was under way; each is searched from
 * every value that the one before may have left.
 *
 * @returns null where it is; else the stretch that no order explains, for people
 */
export function notLinearizable(
  operations: readonly Operation[],
  initial: string | null,
): string | null {
  let values = new Set([initial])
  for (const stretch of stretches(stepsOf(operations))) {
    const from = values
    values = new Set([...from].flatMap((value) => [...valuesAfter(stretch, value)]))
    if (values.size === 0)
      return `from ${[...from].join(' or ')} no order explains ${stretch.map(said).join(', ')}`
  }
  return null
}

/** The values that the register may have once all of the steps have happened; empty where they cannot. */
function valuesAfter(steps: readonly Step[], initial: string | null): Set<string | null> {
  const left = new Set<string | null>()
  const happened = steps.map(() => false)
  const tried = new Set<string>()
  const search = (value: string | null): void => {
    const position = `${happened.map(Number).join('')} ${value}`
    if (tried.has(position)) return
    tried.add(position)
    const next = mayBeNext(steps, happened)
    if (next.length === 0) left.add(value)
    for (const index of next) {
      const { writes, reads } = steps[index] as Step
      if (reads !== undefined && reads !== value) continue
      happened[index] = true
      search(writes ?? value)
      happened[index] = false
    }
  }
  search(initial)
  return left
}

/** Those that began before the first end among what has not happened; steps are sorted by beginning. */
function mayBeNext(steps: readonly Step[], happened: readonly boolean[]): number[] {
  const open: number[] = []
  let firstEnd = Infinity
  for (const [index, { begin, end }] of steps.entries()) {
    if (happened[index] === true) continue
    if (begin > firstEnd) break
    open.push(index)
    firstEnd = Math.min(firstEnd, end)
  }
  return open
}

function stretches(steps: readonly Step[]): Step[][] {
  const found: Step[][] = []
  let lastEnd = -Infinity
  for (const step of steps) {
    if (step.begin > lastEnd) found.push([])
    found.at(-1)?.push(step)
    lastEnd = Math.max(lastEnd, step.end)
  }
  return found
}

/**
 * What was refused has not happened, and a read without an answer says nothing. A write in doubt whose value
 * was never read may as well not have happened; one that was read has happened before the read's end. This
 * is right because each value is written by one operation only.
 */
function stepsOf(operations: readonly Operation[]): Step[] {
  const steps: Step[] = []
  const readBefore = new Map<string | null, number>()
  for (const operation of operations) {
    if (operation.kind !== 'read' || operation.outcome !== 'acknowledged') continue
    const { value, begin, end = Infinity } = operation
    steps.push({ begin, end, reads: value })
    readBefore.set(value, Math.min(end, readBefore.get(value) ?? Infinity))
  }
  for (const { begin, end = Infinity, outcome, ...action } of operations) {
    if (action.kind !== 'write' || outcome === 'failed') continue
    const read = readBefore.get(action.value)
    if (outcome === 'acknowledged') steps.push({ begin, end, writes: action.value })
    else if (read !== undefined) steps.push({ begin, end: read, writes: action.value })
  }
  return steps.toSorted((a, b) => a.begin - b.begin)
}

function said({ begin, end, writes, reads }: Step): string {
  return `${begin}-${end} ${writes === undefined ? `read ${reads}` : `write ${writes}`}`
}
