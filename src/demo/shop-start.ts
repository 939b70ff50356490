import Database from 'better-sqlite3'

/** What a writer of the shop has to know of the rows that it owns. */
export interface ShopShare {
  readonly customers: bigint[]
  readonly products: bigint[]
  readonly stock: { warehouse: string; product: bigint; onHand: bigint; moves: bigint }[]
  readonly tags: { product: bigint; tag: string; addedBy: string | null }[]
  readonly settings: string[]
}

/** Shares the rows out among writers by customer and by product, so that no two touch the same row. */
export function shareShop(file: string, writers: number): ShopShare[] {
  const db = new Database(file, { readonly: true })
  try {
    db.defaultSafeIntegers(true)
    return Array.from({ length: writers }, (_, writer): ShopShare => {
      const own = [BigInt(writers), BigInt(writer)]
      const all = <T>(sql: string): T[] => db.prepare<unknown[], T>(sql).all(...own)
      const ids = (table: string): bigint[] =>
        all<{ id: bigint }>(`SELECT id FROM ${table} WHERE id % ? = ? ORDER BY id`).map(
          ({ id }) => id,
        )
      return {
        customers: ids('customers'),
        products: ids('products'),
        stock: all(
          `SELECT warehouse, product_id AS product, on_hand AS onHand, moves
             FROM stock WHERE product_id % ? = ? ORDER BY 2, 1`,
        ),
        tags: all(
          `SELECT product_id AS product, tag, "Added By" AS addedBy
             FROM "product tags" WHERE product_id % ? = ? ORDER BY 1, 2`,
        ),
        settings: [`writer.${writer}.theme`, `writer.${writer}.banner`, `writer.${writer}.empty`],
      }
    })
  } finally {
    db.close()
  }
}
