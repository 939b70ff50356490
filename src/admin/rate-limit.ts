/** So many at once, and so many a second after that. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** Of so many callers the buckets are kept; the one that was seen longest ago goes first. */
const maxCallers = 1000

/** A bucket of tokens for each caller: `take` is false where it is empty. */
export function createRateLimit(
  { burst, perSecond }: Rate,
  nowMs: () => number = () => performance.now(),
): { take(caller: string): boolean } {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    take(caller) {
      const now = nowMs()
      const bucket = buckets.get(caller) ?? { tokens: burst, atMs: now }
      const filled = bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond
      const tokens = Math.min(burst, filled)
      const taken = tokens >= 1
      buckets.delete(caller)
      buckets.set(caller, { tokens: taken ? tokens - 1 : tokens, atMs: now })
      if (buckets.size > maxCallers) buckets.delete(buckets.keys().next().value as string)
      return taken
    },
  }
}
