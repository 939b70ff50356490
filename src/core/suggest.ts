/** How many edits a misspelling may be away from the word that it is taken for. */
const MAX_DISTANCE = 3

/** ` Did you mean "x"?` for the nearest of the known words, or an empty text where none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const folded = word.toLowerCase()
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(folded, candidate.toLowerCase()) }))
    .toSorted((left, right) => left.distance - right.distance)
  const [nearest] = ranked
  const bound = Math.min(MAX_DISTANCE, Math.ceil(word.length / 2))
  return nearest && nearest.distance <= bound ? ` Did you mean "${nearest.candidate}"?` : ''
}

/** The same, or all of the known words where none is near. */
export function didYouMeanOneOf(word: string, known: readonly string[]): string {
  return didYouMean(word, known) || ` There are ${known.join(', ')}`
}

/** Levenshtein's distance, row by row. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column += 1) {
      const replace = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1)
      next.push(Math.min(replace, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
