type Call = (...args: never[]) => Promise<unknown>

/** The same calls, each of which runs `check` first and rejects with what it throws. */
export function guardEach<T extends object>(check: () => void, calls: T): T {
  const guarded = Object.entries(calls).map(([name, call]: [string, Call]) => [
    name,
    async (...args: never[]): Promise<unknown> => {
      check()
      return call(...args)
    },
  ])
  return Object.fromEntries(guarded) as T
}
