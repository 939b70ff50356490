import type { PlaceName } from '../place/place.ts'
import type { Flags } from './flags.ts'

/**
 * The place that serves a read: by the first table override that matches, else by the percentage; the
 * same session key always goes the same way while the percentage stands, and a key that PostgreSQL
 * serves at 10 % it also serves at 50 %.
 * @param random a number from 0 up to, not including, 1, for reads without a key
 */
export function placeOfRead(
  reads: Flags['reads'],
  tables: readonly string[],
  key: string | null,
  random: () => number,
): PlaceName {
  const percent = percentOf(reads, tables)
  if (percent <= 0) return 'sqlite'
  if (percent >= 100) return 'postgres'
  const point = key === null ? random() * 100 : hashPercent(key)
  return point < percent ? 'postgres' : 'sqlite'
}

/** No read goes to PostgreSQL, whatever it reads. */
export function isSqliteAlone({ postgres, tables }: Flags['reads']): boolean {
  if (postgres !== 0) return false
  for (const _ in tables) return false
  return true
}

function percentOf(reads: Flags['reads'], tables: readonly string[]): number {
  for (const [name, percent] of Object.entries(reads.tables)) {
    if (tables.some((table) => table.toLowerCase() === name.toLowerCase())) return percent
  }
  return reads.postgres
}

/** FNV-1a, spread over 0 to 100 in steps of a hundredth. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashPercent(key: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return (hash % 10_000) / 100
}
