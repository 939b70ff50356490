/** The golden ratio's fraction: its multiples fill the range from 0 to 1 evenly, and follow no period of a caller's. */
const step = 0.618_033_988_749_894_9

/**
 * Whether the nth run of a statement is a sample: the first runs always, so that rare statements are seen as well,
 * then so many of a hundred. The same run is always chosen.
 * @param nth from 1
 */
export function isSampled(nth: number, percent: number, firstRuns: number): boolean {
  if (percent <= 0) return false
  if (nth <= firstRuns || percent >= 100) return true
  return (nth * step) % 1 < percent / 100
}
