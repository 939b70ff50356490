type Call = (...args: never[]) => Promise<unknown>

/** The same calls, each of which `guard` runs, or refuses by what it throws. */
export function guardEach<T extends object>(
  guard: (call: () => Promise<unknown>) => Promise<unknown>,
  calls: T,
): T {
  const guarded = Object.entries(calls).map(([name, call]: [string, Call]) => [
    name,
    async (...args: never[]): Promise<unknown> => guard(async () => call(...args)),
  ])
  return Object.fromEntries(guarded) as T
}
