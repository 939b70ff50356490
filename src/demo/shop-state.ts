import type { Effect } from './ledger.ts'
import type { Random } from './random.ts'
import type { ShopShare } from './shop-start.ts'
import type { TrafficDatabase, Work } from './work.ts'

/** An order of this writer with the rows that are deleted together with it. */
export interface Order {
  readonly id: bigint
  readonly customer: bigint
  readonly children: readonly Effect[]
}

/** What a writer remembers of its rows, as acknowledged. */
export interface ShopState {
  readonly writer: number
  readonly random: Random
  readonly share: ShopShare
  /** Customers that this writer made, with the rows that go when they go. */
  readonly made: { id: bigint; children: Effect[] }[]
  readonly orders: Order[]
  readonly sessions: { token: Buffer; hits: bigint }[]
  readonly changes: Map<string, bigint>
  /** Numbers that no other writer gives out. */
  fresh(): number
}

/** Work of one statement whose effects are known beforehand. */
export function simple(
  name: string,
  intended: readonly Effect[],
  run: (db: TrafficDatabase) => Promise<unknown>,
  after: { done?: () => void; failed?: () => void } = {},
): Work {
  return {
    name,
    intended,
    run: async (db) => {
      await run(db)
      return intended
    },
    done: () => after.done?.(),
    failed: () => after.failed?.(),
  }
}

/** Takes an item out of a list of things that a writer owns. */
export function without<T>(list: T[], item: T): () => void {
  return () => {
    const at = list.indexOf(item)
    if (at >= 0) list.splice(at, 1)
  }
}

/** RETURNING is the same on both databases. */
export async function insertedId(
  db: Pick<TrafficDatabase, 'get'>,
  sql: string,
  params: readonly unknown[],
): Promise<bigint> {
  const row = await db.get<Record<string, number | bigint>>(sql, params)
  const [id] = Object.values(row ?? {})
  if (id === undefined) throw new Error('INSERT ... RETURNING gave no row')
  return BigInt(id)
}
