import type { Random } from './random.ts'
import { addCustomer, editCustomer, removeCustomer } from './shop-customers.ts'
import { changeProduct, moveStock, renameTag } from './shop-goods.ts'
import { cancelOrder, placeOrder, sendOrder } from './shop-orders.ts'
import type { ShopShare } from './shop-start.ts'
import type { ShopState } from './shop-state.ts'
import { changeSetting, touchSession, viewPage } from './shop-traces.ts'
import type { Work, Writer } from './work.ts'

/** Writes of a shop, in the same text for both databases. Integers are bigint, text is string. */
export function createShopWriter(
  writer: number,
  writers: number,
  share: ShopShare,
  random: Random,
): Writer {
  let last = writer
  const state: ShopState = {
    writer,
    random,
    share,
    made: [],
    orders: [],
    sessions: [],
    changes: new Map(),
    fresh: () => (last += writers),
  }
  const kinds: [weight: number, make: (state: ShopState) => Work | null][] = [
    [22, placeOrder],
    [6, cancelOrder],
    [4, sendOrder],
    [18, moveStock],
    [14, editCustomer],
    [6, addCustomer],
    [3, removeCustomer],
    [9, touchSession],
    [5, changeSetting],
    [8, viewPage],
    [5, changeProduct],
    [4, renameTag],
  ]
  const bag = kinds.flatMap(([weight, make]) => Array.from({ length: weight }, () => make))
  return { next: () => random.pick(bag)(state) }
}
