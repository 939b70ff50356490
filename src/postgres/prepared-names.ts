/** The most statements that one connection keeps prepared: the server holds a plan and a text for each. */
export const maxPreparedNames = 500

const prepared = new WeakMap<object, Set<string>>()

/**
 * The name to run a statement under on a connection, or undefined where it runs unnamed because the
 * connection has prepared enough. `isWornOut` then says to replace the connection once it is free, which
 * forgets them all: pg has no way to forget one.
 */
export function nameOn(client: object, name: string): string | undefined {
  let names = prepared.get(client)
  if (names === undefined) prepared.set(client, (names = new Set()))
  if (names.has(name)) return name
  if (names.size >= maxPreparedNames) return undefined
  names.add(name)
  return name
}

/** The connection has prepared as many statements as it may. */
export function isWornOut(client: object): boolean {
  return (prepared.get(client)?.size ?? 0) >= maxPreparedNames
}
