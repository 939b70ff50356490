import Database from 'better-sqlite3'
import { createRandom, type Random } from './random.ts'
import { shopSchema, shopTrigger } from './shop-schema.ts'
import {
  cityName,
  dateText,
  largeInteger,
  personName,
  productTitle,
  streetAddress,
  tagName,
  uuid,
} from './words.ts'

/** How many rows each table gets. */
export interface ShopSize {
  readonly customers: number
  readonly addresses: number
  readonly categories: number
  readonly products: number
  readonly tags: number
  readonly warehouses: number
  readonly stock: number
  readonly orders: number
  readonly lines: number
  readonly payments: number
  readonly sessions: number
  readonly settings: number
  readonly views: number
  readonly audits: number
}

/** Shares of `rows` as a shop has them; about `rows` in all. */
export function shopSize(rows: number): ShopSize {
  const share = (of: number, least: number): number => Math.max(least, Math.round(rows * of))
  const products = share(0.02, 40)
  const orders = share(0.15, 100)
  return {
    customers: share(0.08, 100),
    addresses: share(0.08, 100),
    categories: share(0.001, 20),
    products,
    tags: products * 2,
    warehouses: 3,
    stock: products * 3,
    orders,
    lines: Math.round(orders * 2),
    payments: Math.round(orders * 0.4),
    sessions: share(0.02, 40),
    settings: 60,
    views: share(0.17, 100),
    audits: share(0.02, 20),
  }
}

/** Writes a new SQLite file in WAL mode. The same size and seed give the same rows. Gives the row count. */
export function generateShop(file: string, options: { rows: number; seed: number }): number {
  const db = new Database(file)
  try {
    db.pragma('journal_mode = WAL')
    db.exec(shopSchema)
    const size = shopSize(options.rows)
    const random = createRandom(options.seed, 'shop')
    const fill = db.transaction(() =>
      tables(size).reduce((rows, table) => {
        const insert = db.prepare(table.insert)
        const own = random.fork(table.insert)
        for (let index = 0; index < table.rows; index++) insert.run(...table.row(index, own))
        return rows + table.rows
      }, 0),
    )
    const rows = fill()
    db.exec(shopTrigger)
    return rows
  } finally {
    db.close()
  }
}

interface TableRows {
  readonly insert: string
  readonly rows: number
  readonly row: (index: number, random: Random) => unknown[]
}

/** Integers are bigint: better-sqlite3 binds a number as REAL, which a TEXT column would keep as '5.0'. */
function tables(size: ShopSize): TableRows[] {
  return [...people(size), ...goods(size), ...sales(size), ...traces(size)]
}

function people(size: ShopSize): TableRows[] {
  return [
    {
      insert: `INSERT INTO "customers" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      rows: size.customers,
      row: (index, random) => [
        BigInt(index + 1),
        `Customer.${index + 1}@Example.${random.pick(['com', 'org', 'net'])}`,
        personName(random),
        // NULL and the empty string both mean "none", and both are common.
        random.pick([null, '', `+49 30 ${1_000_000 + index}`]),
        random.chance(0.9) ? 1n : 0n,
        largeInteger(random),
        JSON.stringify({ newsletter: random.chance(0.5), theme: random.pick(['dark', 'light']) }),
        dateText(random),
        random.chance(0.3) ? dateText(random) : null,
        0n,
      ],
    },
    {
      insert: `INSERT INTO "addresses" VALUES (?, ?, ?, ?, ?, ?)`,
      rows: size.addresses,
      row: (index, random) => [
        BigInt(index * 2 + 1),
        BigInt(random.integer(1, size.customers)),
        random.pick(['home', 'work', 'parcel box']),
        streetAddress(random),
        cityName(random),
        random.pick([null, '', '01067', '75004', 'SW1A 1AA']),
      ],
    },
  ]
}

function goods(size: ShopSize): TableRows[] {
  return [
    {
      insert: `INSERT INTO "Categories" VALUES (?, ?, ?)`,
      rows: size.categories,
      row: (index, random) => [
        BigInt(index + 1),
        index < 5 ? null : BigInt(random.integer(1, index)),
        `${tagName(random)} things`,
      ],
    },
    {
      insert: `INSERT INTO "products" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      rows: size.products,
      row: (index, random) => [
        BigInt(index + 1),
        `SKU-${String(index + 1).padStart(6, '0')}`,
        BigInt(random.integer(1, size.categories)),
        productTitle(random),
        random.chance(0.2) ? null : random.integer(1, 50_000) / 1_000 + 0.1,
        BigInt(random.integer(99, 99_999)),
        random.chance(0.1) ? Buffer.concat([Buffer.from([0, 0xff, 0]), random.bytes(32)]) : null,
        random.chance(0.5)
          ? JSON.stringify({ size: random.pick(['S', 'M', 'L']), 'é 🎁': null })
          : null,
        0n,
      ],
    },
    {
      insert: `INSERT INTO "product tags" VALUES (?, ?, ?)`,
      rows: size.tags,
      row: (index, random) => [
        BigInt((index % size.products) + 1),
        `${tagName(random)} ${Math.floor(index / size.products)}`,
        random.pick([null, 'import', 'Editor']),
      ],
    },
    {
      insert: `INSERT INTO "warehouses" VALUES (?, ?, ?, ?)`,
      rows: size.warehouses,
      row: (index, random) => [`W${index}`, cityName(random), 52.5 + index / 3, -0.1 * index],
    },
    {
      insert: `INSERT INTO "stock" VALUES (?, ?, ?, ?)`,
      rows: size.stock,
      row: (index, random) => [
        `W${index % size.warehouses}`,
        BigInt(Math.floor(index / size.warehouses) + 1),
        BigInt(random.integer(0, 10_000)),
        0n,
      ],
    },
  ]
}

function sales(size: ShopSize): TableRows[] {
  return [
    {
      insert: `INSERT INTO "orders" VALUES (?, ?, ?, ?, ?, ?, ?)`,
      rows: size.orders,
      row: (index, random) => [
        BigInt(index + 1),
        BigInt(random.integer(1, size.customers)),
        `O-${index + 1}`,
        dateText(random),
        random.pick(['open', 'paid', 'sent', 'returned']),
        BigInt(random.integer(99, 500_000)),
        random.pick([null, '', 'Please ring twice', 'Gift 🎁, no invoice']),
      ],
    },
    {
      insert: `INSERT INTO "order_lines" VALUES (?, ?, ?, ?, ?, ?)`,
      rows: size.lines,
      row: (index, random) => [
        BigInt((index % size.orders) + 1),
        BigInt(Math.floor(index / size.orders) + 1),
        BigInt(random.integer(1, size.products)),
        BigInt(random.integer(1, 9)),
        BigInt(random.integer(99, 99_999)),
        random.pick([0, 0, 0, 0.05, 0.1, 1 / 3]),
      ],
    },
    {
      insert: `INSERT INTO "payments" VALUES (?, ?, ?, ?, ?)`,
      rows: size.payments,
      row: (_index, random) => [
        uuid(random),
        BigInt(random.integer(1, size.orders)),
        random.integer(99, 500_000) / 100,
        largeInteger(random),
        random.chance(0.3) ? random.bytes(24) : null,
      ],
    },
  ]
}

function traces(size: ShopSize): TableRows[] {
  return [
    {
      insert: `INSERT INTO "sessions" VALUES (?, ?, ?, ?)`,
      rows: size.sessions,
      row: (_index, random) => [
        random.bytes(16),
        random.chance(0.5) ? BigInt(random.integer(1, size.customers)) : null,
        JSON.stringify({ cart: random.integer(0, 9) }),
        BigInt(random.integer(1, 50)),
      ],
    },
    {
      insert: `INSERT INTO "settings" VALUES (?, ?, ?)`,
      rows: size.settings,
      row: (index, random) => [`shop.setting.${index}`, random.pick([null, '', 'on', 'off']), 0n],
    },
    {
      insert: `INSERT INTO "page views" VALUES (?, ?, ?, ?)`,
      rows: size.views,
      row: (_index, random) => [
        dateText(random),
        `/p/${random.integer(1, size.products)}`,
        random.chance(0.5) ? largeInteger(random) : null,
        null,
      ],
    },
    {
      insert: `INSERT INTO "audit log" VALUES (?, ?, ?, ?)`,
      rows: size.audits,
      row: (index, random) => [
        BigInt(index + 1),
        BigInt(random.integer(1, size.customers)),
        0n,
        'imported',
      ],
    },
  ]
}
