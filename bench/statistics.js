/** The value below which `share` (0 to 1) of the values lie; NaN where there are none.
 * @param {readonly number[]} values
 * @param {number} share
 */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/**
 * Runs every contender once per round, each round beginning with another one, so that what the machine
 * does meanwhile falls on all of them alike.
 * @template T
 * @template {string} N
 * @param {number} rounds
 * @param {Record<N, (round: number) => T | Promise<T>>} contenders
 * @returns {Promise<Record<N, T>[]>} what each contender gave, by round
 */
export async function interleave(rounds, contenders) {
  const names = /** @type {N[]} */ (Object.keys(contenders))
  const results = []
  for (let round = 0; round < rounds; round++) {
    const result = /** @type {Record<N, T>} */ ({})
    for (let turn = 0; turn < names.length; turn++) {
      const name = /** @type {N} */ (names[(round + turn) % names.length])
      result[name] = await contenders[name](round)
    }
    results.push(result)
  }
  return results
}

/**
 * Keeps `concurrency` calls of `work` under way until `count` have been made.
 * @param {number} concurrency
 * @param {number} count
 * @param {(index: number) => Promise<unknown>} work
 * @returns {Promise<{ perSecond: number, p50Ms: number, p99Ms: number }>}
 */
export async function drive(concurrency, count, work) {
  /** @type {number[]} */
  const latencies = []
  let next = 0
  const one = async () => {
    while (next < count) {
      const index = next++
      const begun = performance.now()
      await work(index)
      latencies.push(performance.now() - begun)
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: concurrency }, one))
  const elapsedMs = performance.now() - begun
  return {
    perSecond: (count / elapsedMs) * 1000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}
