/** Each doubling of a time has so many buckets, so a percentile is within a tenth of the true one. */
const perOctave = 4
/** From one microsecond to about a minute. */
const octaves = 26
const buckets = perOctave * octaves + 1

/** How long something took, in buckets that grow with the time: 420 bytes, however often it is told. */
export class Histogram {
  readonly #counts: Uint32Array

  constructor(counts?: readonly number[]) {
    this.#counts = new Uint32Array(buckets)
    if (counts !== undefined) this.#counts.set(counts.slice(0, buckets))
  }

  add(ms: number): void {
    const micros = ms * 1000
    const at = micros <= 1 ? 0 : Math.ceil(Math.log2(micros) * perOctave)
    const bucket = at < buckets ? at : buckets - 1
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** The time that so many of a hundred did not exceed, in milliseconds; null where there is none. */
  percentile(percent: number): number | null {
    const wanted = (this.total * percent) / 100
    if (wanted === 0) return null
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted && count > 0) return 2 ** ((bucket - 0.5) / perOctave) / 1000
    }
    return null
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.counts().entries())
      this.#counts[bucket] = (this.#counts[bucket] as number) + count
  }

  /** For keeping; what comes behind the last that is not 0 is left out. */
  counts(): number[] {
    return Array.from(
      this.#counts.subarray(0, this.#counts.findLastIndex((count) => count > 0) + 1),
    )
  }
}
