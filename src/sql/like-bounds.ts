/**
 * The texts that a LIKE pattern can match lie from one bound up to, not including, the other, in small ASCII
 * letters and by their bytes: what stands before the first wildcard, and the first text behind all that begin so,
 * which is null where there is none.
 */
export function likeBounds(pattern: string): {
  readonly from: string
  readonly before: string | null
} {
  const from = (/^[^%_]*/.exec(pattern)?.[0] ?? '').replaceAll(/[A-Z]/g, (letter) =>
    letter.toLowerCase(),
  )
  return { from, before: behind(from) }
}

/** The last character that has one behind it is raised, and what follows it goes. */
function behind(prefix: string): string | null {
  const characters = Array.from(prefix)
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const point = last.codePointAt(0) ?? 0
    // Half characters are none.
    const next = point + 1 === 0xd800 ? 0xe000 : point + 1
    if (next <= 0x10ffff) return characters.join('') + String.fromCodePoint(next)
  }
  return null
}
