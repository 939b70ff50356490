import { foldName } from '../quote.ts'

/** Names of a subquery's columns are made different by SQLite: `a`, `a:1`. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let own = name
    for (let count = 1; taken.has(foldName(own)); count += 1) own = `${name}:${count}`
    taken.add(foldName(own))
    return own
  })
}
