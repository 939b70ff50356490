import { simple, without, type ShopState } from './shop-state.ts'
import { tagName } from './words.ts'
import type { Work } from './work.ts'

export function moveStock({ random, share }: ShopState): Work | null {
  const stock = share.stock[random.integer(0, share.stock.length - 1)]
  if (stock === undefined) return null
  const by = BigInt(random.integer(-20, 20))
  const row = { on_hand: stock.onHand + by, moves: stock.moves + 1n }
  return simple(
    'move stock',
    [{ table: 'stock', key: { warehouse: stock.warehouse, product_id: stock.product }, row }],
    async (db) =>
      await db.run(
        `UPDATE "stock" SET "on_hand" = "on_hand" + ?, "moves" = "moves" + 1
          WHERE "warehouse" = ? AND "product_id" = ?`,
        [by, stock.warehouse, stock.product],
      ),
    {
      done: () => {
        stock.onHand = row.on_hand
        stock.moves = row.moves
      },
      failed: without(share.stock, stock),
    },
  )
}

export function changeProduct(state: ShopState): Work | null {
  const { random, share } = state
  const id = share.products[random.integer(0, share.products.length - 1)]
  if (id === undefined) return null
  const row = {
    price_cents: BigInt(random.integer(99, 99_999)),
    weight_kg: random.integer(1, 1_000_000) / 3,
    photo: random.chance(0.3) ? Buffer.concat([Buffer.from([0, 0]), random.bytes(64)]) : null,
    version: BigInt(state.fresh()),
  }
  return simple(
    'change product',
    [{ table: 'products', key: { id }, row }],
    async (db) =>
      await db.run(
        `UPDATE "products" SET "price_cents" = ?, "weight_kg" = ?, "photo" = ?, "version" = ? WHERE "id" = ?`,
        [row.price_cents, row.weight_kg, row.photo, row.version, id],
      ),
    { failed: without(share.products, id) },
  )
}

/** Changes a part of the key: one row goes, another comes. */
export function renameTag(state: ShopState): Work | null {
  const { random, share } = state
  const tag = share.tags[random.integer(0, share.tags.length - 1)]
  if (tag === undefined) return null
  const to = `${tagName(random)} ${state.writer}/${state.fresh()}`
  return simple(
    'rename tag',
    [
      { table: 'product tags', key: { product_id: tag.product, tag: tag.tag }, row: null },
      {
        table: 'product tags',
        key: { product_id: tag.product, tag: to },
        row: { 'Added By': tag.addedBy },
      },
    ],
    async (db) =>
      await db.run(`UPDATE "product tags" SET "tag" = ? WHERE "product_id" = ? AND "tag" = ?`, [
        to,
        tag.product,
        tag.tag,
      ]),
    {
      done: () => {
        tag.tag = to
      },
      failed: without(share.tags, tag),
    },
  )
}
