import type { Random } from './random.ts'
import type { Read, Reader } from './work.ts'
import type { ShopSize } from './shop-data.ts'

/** Reads of a shop, in the same text for both databases; every order that matters is stated. */
export function createShopReader(size: ShopSize, random: Random): Reader {
  return { next: () => random.pick(shapes)(size, random) }
}

const shapes: ((size: ShopSize, random: Random) => Read)[] = [
  ({ customers }, random) => ({
    name: 'customer by id',
    sql: `SELECT * FROM "customers" WHERE "id" = ?`,
    params: [BigInt(random.integer(1, customers))],
  }),
  ({ customers }, random) => ({
    name: 'customer by email',
    sql: `SELECT "id", "name", "phone" FROM "customers" WHERE lower("email") = ?`,
    params: [`customer.${random.integer(1, customers)}@example.org`],
  }),
  ({ orders }, random) => ({
    name: 'order with lines',
    sql: `SELECT o."reference", o."status", l."line", l."quantity", l."price_cents", p."title"
            FROM "orders" AS o
            JOIN "order_lines" AS l ON l."order_id" = o."id"
            JOIN "products" AS p ON p."id" = l."product_id"
           WHERE o."id" = ? ORDER BY l."line"`,
    params: [BigInt(random.integer(1, orders))],
  }),
  ({ customers }, random) => ({
    name: 'orders of a customer',
    sql: `SELECT "id", "reference", "total_cents" FROM "orders"
           WHERE "customer_id" = ? ORDER BY "placed_at" DESC, "id" LIMIT 20`,
    params: [BigInt(random.integer(1, customers))],
  }),
  ({ products }, random) => ({
    name: 'product page',
    sql: `SELECT p.*, c."Title" AS "Category" FROM "products" AS p
            LEFT JOIN "Categories" AS c ON c."CategoryId" = p."CategoryId" WHERE p."id" = ?`,
    params: [BigInt(random.integer(1, products))],
  }),
  ({ products }, random) => ({
    name: 'tags of a product',
    sql: `SELECT "tag", "Added By" FROM "product tags" WHERE "product_id" = ? ORDER BY "tag"`,
    params: [BigInt(random.integer(1, products))],
  }),
  ({ products }, random) => ({
    name: 'stock of a product',
    sql: `SELECT count(*) AS "warehouses", max("on_hand") AS "most" FROM "stock" WHERE "product_id" = ?`,
    params: [BigInt(random.integer(1, products))],
  }),
  ({ categories }, random) => ({
    name: 'children of a category',
    sql: `SELECT "CategoryId", "Title" FROM "Categories" WHERE "ParentId" = ? ORDER BY "CategoryId"`,
    params: [BigInt(random.integer(1, categories))],
  }),
  ({ settings }, random) => ({
    name: 'setting',
    sql: `SELECT "value" FROM "settings" WHERE "name" = ?`,
    params: [`shop.setting.${random.integer(0, settings - 1)}`],
  }),
]
