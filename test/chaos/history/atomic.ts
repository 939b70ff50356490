/** What the transactions of kind `pair` have left on one place. */
export interface Halves {
  readonly place: 'sqlite' | 'postgres'
  readonly left: readonly string[]
  readonly right: readonly string[]
  /** The sum of all accounts; each transaction moves an amount and keeps the sum. */
  readonly total: number
}

/** Of each transaction both halves are there or none; and what it moved was neither made nor lost. */
export function torn({ place, left, right, total }: Halves, expectedTotal: number): string[] {
  const [lefts, rights] = [new Set(left), new Set(right)]
  const alone = [
    ...left.filter((token) => !rights.has(token)),
    ...right.filter((token) => !lefts.has(token)),
  ]
  const faults = alone.map((token) => `${place}: only a half of ${token} is there`)
  if (total !== expectedTotal)
    faults.push(`${place}: the accounts have ${total} in all, not ${expectedTotal}`)
  return faults
}
