import type { Rig } from './rig.ts'

/** What one process was told has happened. Sent as a message when it stops. */
export interface Ledger {
  /** Rows that must be there, once each, with the number last acknowledged. */
  readonly items: Record<string, number>
  readonly deleted: string[]
  readonly counters: Record<string, number>
  readonly moves: string[]
  /** Writes whose outcome the application was told is unknown, by token. */
  readonly unknown: string[]
  readonly errors: string[]
  readonly writes: number
  /** The longest that the event loop did not turn, in milliseconds. */
  readonly stallMs: number
}

export interface State {
  readonly items: { token: string; n: number }[]
  readonly counters: { name: string; n: number }[]
  readonly moves: { token: string }[]
  readonly balance: number
}

/** The state of one place, read past Lockstep. */
export async function stateOf(rig: Rig, place: 'sqlite' | 'postgres'): Promise<State> {
  const all = async <R extends Record<string, unknown>>(sql: string): Promise<R[]> =>
    place === 'sqlite' ? rig.sqlite((db) => db.prepare(sql).all() as R[]) : rig.postgres<R>(sql)
  const [total] = await all<{ sum: string }>('SELECT sum(balance) AS sum FROM accounts')
  return {
    items: numbered(await all('SELECT token, n FROM items')),
    counters: numbered(await all('SELECT name, n FROM counters')),
    moves: await all('SELECT token FROM moves'),
    balance: Number(total?.sum),
  }
}

function numbered<R extends { n: unknown }>(rows: R[]): (R & { n: number })[] {
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}

/** What was acknowledged and is not so, or is so twice; one line each. */
export function losses(state: State, ledgers: readonly Ledger[]): string[] {
  const found: string[] = []
  const unknown = new Set(ledgers.flatMap((ledger) => ledger.unknown))
  const items = group(state.items, ({ token }) => token)
  const moves = group(state.moves, ({ token }) => token)
  const counters = new Map(state.counters.map(({ name, n }) => [name, n]))
  for (const [token, rows] of [...items, ...moves]) {
    if (rows.length > 1) found.push(`${token} is there ${rows.length} times`)
  }
  for (const ledger of ledgers) {
    for (const [token, n] of Object.entries(ledger.items)) {
      const row = items.get(token)?.[0]
      if (row?.n !== n && !unknown.has(token)) found.push(`item ${token}: ${row?.n}, not ${n}`)
    }
    for (const token of ledger.deleted) {
      if (items.has(token) && !unknown.has(token)) found.push(`item ${token} was deleted`)
    }
    for (const token of ledger.moves) if (!moves.has(token)) found.push(`move ${token} is lost`)
    for (const [name, n] of Object.entries(ledger.counters)) {
      const unsure = ledger.unknown.filter((token) => token === name).length
      const is = counters.get(name) ?? 0
      if (is < n || is > n + unsure) found.push(`counter ${name}: ${is}, not ${n}`)
    }
  }
  const known = new Set([...ledgers.flatMap((ledger) => ledger.moves), ...unknown])
  for (const token of moves.keys()) if (!known.has(token)) found.push(`move ${token}: never told`)
  if (state.balance !== 200_000) found.push(`the balance is ${state.balance}, not 200000`)
  return found
}

function group<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const list = groups.get(key(row))
    if (list === undefined) groups.set(key(row), [row])
    else list.push(row)
  }
  return groups
}
