import { Histogram } from '../shadow/histogram.ts'

/** What came of reads that the place which is not the primary was to serve. */
export interface HealthFigures {
  /** Served and failed together. */
  readonly reads: number
  readonly errors: number
  /** Counts of a histogram's buckets, of those that were served. */
  readonly latency: readonly number[]
}

interface Second {
  second: number
  reads: number
  errors: number
  latency: Histogram
}

/** For so long figures are kept. */
export const keptSeconds = 60

/** Counts reads by the second that they ended in, in a ring of a minute: memory of a fixed size. */
export class Health {
  readonly #now: () => number
  readonly #ring: Second[] = []

  /** @param now in milliseconds, of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now
  }

  served(ms: number): void {
    const second = this.#second()
    second.reads++
    second.latency.add(ms)
  }

  failed(): void {
    const second = this.#second()
    second.reads++
    second.errors++
  }

  /** Of the last so many milliseconds, at most a minute, in whole seconds. */
  over(ms: number): HealthFigures {
    const last = this.#now() / 1000
    const counted = this.#ring.filter(({ second }) => second > last - ms / 1000)
    return sumOf(
      counted.map(({ latency, ...counts }) => ({ ...counts, latency: latency.counts() })),
    )
  }

  #second(): Second {
    const second = Math.floor(this.#now() / 1000)
    const at = second % keptSeconds
    const known = this.#ring[at]
    if (known?.second === second) return known
    return (this.#ring[at] = { second, reads: 0, errors: 0, latency: new Histogram() })
  }
}

export function sumOf(figures: readonly HealthFigures[]): HealthFigures {
  const latency = new Histogram()
  let [reads, errors] = [0, 0]
  for (const one of figures) {
    reads += one.reads
    errors += one.errors
    latency.merge(new Histogram(one.latency))
  }
  return { reads, errors, latency: latency.counts() }
}

/** 99 of 100 reads took at most so long, in milliseconds; 0 where there were none. */
export function p99Of({ latency }: HealthFigures): number {
  return new Histogram(latency).percentile(99) ?? 0
}
