import { foldName } from '../quote.ts'

/** Names of a subquery's columns are made different by SQLite: `a`, `a:1`. */
export function distinctNames(names: readonly string[]): readonly string[] {
  // A lone name may be the text of subqueries in subqueries, of which to read each again takes the square of the time.
  if (names.length < 2) return names
  const taken = new Set<string>()
  // How many of a name there were is kept, as thousands of one name would take the square of the time.
  const counts = new Map<string, number>()
  return names.map((name) => {
    const folded = foldName(name)
    let own = name
    let count = counts.get(folded) ?? 0
    for (; taken.has(foldName(own)); own = `${name}:${count}`) count += 1
    counts.set(folded, count)
    taken.add(foldName(own))
    return own
  })
}
