/** The time over which rows are counted: long enough for a figure that stands still, short enough to follow a throttle. */
const windowMs = 10_000

/** How fast rows go over, and when the last of them will have. */
export class Speed {
  readonly #now: () => number
  #samples: { at: number; rows: number }[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  /** @param rows all of them so far */
  count(rows: number): void {
    const at = this.#now()
    this.#samples.push({ at, rows })
    // One sample from before the window stays, to count from.
    while ((this.#samples[1]?.at ?? at) < at - windowMs) this.#samples.shift()
  }

  /** Rows per second; 0 before two samples have been counted. */
  get rowsPerSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || last.at === first.at) return 0
    return ((last.rows - first.rows) / (last.at - first.at)) * 1000
  }

  /** Milliseconds until `total` rows are there at this speed, or null where none can be told. */
  timeLeftMs(total: number): number | null {
    const perSecond = this.rowsPerSecond
    const left = Math.max(0, total - (this.#samples.at(-1)?.rows ?? 0))
    return perSecond === 0 ? null : Math.round((left / perSecond) * 1000)
  }
}
