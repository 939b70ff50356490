import { createRandom, type Random } from '../../src/demo/random.ts'

/** What is done to a running system at a moment, and for how long. */
export interface Entry {
  readonly atMs: number
  readonly fault: string
  readonly forMs: number
  /** Of the choices that the fault makes itself. */
  readonly seed: number
}

/** Faults of one kind come after each other; those of different kinds overlap. */
export interface Kind {
  readonly faults: readonly string[]
  /** Between the end of one and the beginning of the next. */
  readonly restMs: readonly [number, number]
  readonly forMs: readonly [number, number]
}

/** The last faults end this long before the end, so that the system also goes on without any. */
const calmMs = 3000

/** The same plan for the same seed, length and kinds. */
export function makePlan(seed: number, lengthMs: number, kinds: readonly Kind[]): Entry[] {
  return kinds
    .flatMap((kind, index) =>
      entriesOf(createRandom(seed, `kind ${index}`), lengthMs - calmMs, kind),
    )
    .toSorted((a, b) => a.atMs - b.atMs)
}

function entriesOf(random: Random, endMs: number, { faults, restMs, forMs }: Kind): Entry[] {
  const entries: Entry[] = []
  let queue: string[] = []
  for (let atMs = random.integer(...restMs); ;) {
    // Each fault once, in an order by chance, before any comes again: a short run has all that it can have.
    if (queue.length === 0) queue = shuffled(random, faults)
    const entry = {
      atMs,
      fault: queue.pop() as string,
      forMs: random.integer(...forMs),
      seed: random.integer(0, 2 ** 31),
    }
    if (atMs + entry.forMs > endMs) return entries
    entries.push(entry)
    atMs += entry.forMs + random.integer(...restMs)
  }
}

function shuffled(random: Random, faults: readonly string[]): string[] {
  const left = [...faults]
  return faults.map(() => left.splice(random.integer(0, left.length - 1), 1)[0] as string)
}

export function printPlan(entries: readonly Entry[]): string {
  return entries
    .map(({ atMs, fault, forMs }) => `${seconds(atMs)} s  ${fault}, for ${seconds(forMs)} s`)
    .join('\n')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
