import type { Effect } from './ledger.ts'
import { insertedId, simple, without, type ShopState } from './shop-state.ts'
import type { ShopShare } from './shop-start.ts'
import { largeInteger, uuid } from './words.ts'
import type { TrafficDatabase, Work } from './work.ts'

type Statements = Pick<TrafficDatabase, 'get' | 'run'>

/** Everything of an order, drawn before its transaction begins. */
interface Draft {
  readonly customer: bigint
  readonly reference: string
  readonly note: string | null
  readonly lines: readonly DraftLine[]
  readonly payment: { id: string; amount: number; reference: bigint; raw: Buffer | null } | null
}

interface DraftLine {
  readonly stock: ShopShare['stock'][number]
  readonly quantity: bigint
  readonly cents: bigint
  readonly discount: number
}

const placedAt = '2026-01-01 12:00:00'

/** An order, its lines, the stock that they take and perhaps a payment, in one transaction. */
export function placeOrder(state: ShopState): Work | null {
  const draft = draftOf(state)
  if (draft === null) return null
  const forget = draft.lines.map(({ stock }) => without(state.share.stock, stock))
  return {
    name: 'place order',
    intended: draft.lines.map(stockEffect),
    run: async (db) => await db.transaction(async (tx) => await insertOrder(tx, draft)),
    done: ([order, ...others]) => {
      for (const { stock, quantity } of draft.lines) {
        stock.onHand -= quantity
        stock.moves += 1n
      }
      const id = order?.key['id']
      if (typeof id !== 'bigint') return
      const children = others
        .filter(({ table }) => table !== 'stock')
        .map((effect) => ({ ...effect, row: null }))
      state.orders.push({ id, customer: draft.customer, children })
      const made = state.made.find((customer) => customer.id === draft.customer)
      made?.children.push({ table: 'orders', key: { id }, row: null }, ...children)
    },
    failed: () => forget.forEach((one) => one()),
  }
}

function draftOf(state: ShopState): Draft | null {
  const { random, share, made, writer } = state
  const customers =
    random.chance(0.3) && made.length > 0 ? made.map(({ id }) => id) : share.customers
  const customer = customers[random.integer(0, customers.length - 1)]
  if (customer === undefined || share.stock.length === 0) return null
  const picked = new Set(
    Array.from({ length: random.integer(1, 4) }, () => random.pick(share.stock)),
  )
  const lines = [...picked].map((stock) => ({
    stock,
    quantity: BigInt(random.integer(1, 9)),
    cents: BigInt(random.integer(99, 99_999)),
    discount: random.pick([0, 0.05, 1 / 3]),
  }))
  const paid = random.chance(0.5)
  return {
    customer,
    reference: `O-${writer}-${state.fresh()}`,
    note: random.pick([null, '', 'Gift 🎁']),
    lines,
    payment: paid
      ? {
          id: uuid(random),
          amount: random.integer(1, 500_000) / 100,
          reference: largeInteger(random),
          raw: random.pick([null, Buffer.from([0, 1, 0])]),
        }
      : null,
  }
}

function stockEffect({ stock, quantity }: DraftLine): Effect {
  return {
    table: 'stock',
    key: { warehouse: stock.warehouse, product_id: stock.product },
    row: { on_hand: stock.onHand - quantity, moves: stock.moves + 1n },
  }
}

async function insertOrder(tx: Statements, draft: Draft): Promise<Effect[]> {
  const total = draft.lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0n)
  const id = await insertedId(
    tx,
    `INSERT INTO "orders" ("customer_id", "reference", "placed_at", "total_cents", "note")
     VALUES (?, ?, ?, ?, ?) RETURNING "id"`,
    [draft.customer, draft.reference, placedAt, total, draft.note],
  )
  const row = {
    customer_id: draft.customer,
    reference: draft.reference,
    placed_at: placedAt,
    status: 'open',
    total_cents: total,
    note: draft.note,
  }
  const effects: Effect[] = [{ table: 'orders', key: { id }, row }]
  for (const [index, line] of draft.lines.entries()) {
    effects.push(await insertLine(tx, id, BigInt(index + 1), line), stockEffect(line))
  }
  if (draft.payment !== null) effects.push(await insertPayment(tx, id, draft.payment))
  return effects
}

async function insertLine(
  tx: Statements,
  order: bigint,
  number: bigint,
  line: DraftLine,
): Promise<Effect> {
  const { stock, quantity, cents, discount } = line
  await tx.run(
    `INSERT INTO "order_lines" ("order_id", "line", "product_id", "quantity", "price_cents", "discount")
     VALUES (?, ?, ?, ?, ?, ?)`,
    [order, number, stock.product, quantity, cents, discount],
  )
  await tx.run(
    `UPDATE "stock" SET "on_hand" = "on_hand" - ?, "moves" = "moves" + 1
      WHERE "warehouse" = ? AND "product_id" = ?`,
    [quantity, stock.warehouse, stock.product],
  )
  return {
    table: 'order_lines',
    key: { order_id: order, line: number },
    row: { product_id: stock.product, quantity, price_cents: cents, discount },
  }
}

async function insertPayment(
  tx: Statements,
  order: bigint,
  payment: NonNullable<Draft['payment']>,
): Promise<Effect> {
  const { id, amount, reference, raw } = payment
  await tx.run(
    `INSERT INTO "payments" ("id", "order_id", "amount", "provider_reference", "raw") VALUES (?, ?, ?, ?, ?)`,
    [id, order, amount, reference, raw],
  )
  return {
    table: 'payments',
    key: { id },
    row: { order_id: order, amount, provider_reference: reference, raw },
  }
}

/** Lines and payments go with the order by ON DELETE CASCADE. */
export function cancelOrder({ random, orders }: ShopState): Work | null {
  const order = orders[random.integer(0, orders.length - 1)]
  if (order === undefined) return null
  const forget = without(orders, order)
  return simple(
    'cancel order',
    [{ table: 'orders', key: { id: order.id }, row: null }, ...order.children],
    async (db) => await db.run(`DELETE FROM "orders" WHERE "id" = ?`, [order.id]),
    { done: forget, failed: forget },
  )
}

export function sendOrder({ random, orders }: ShopState): Work | null {
  const order = orders[random.integer(0, orders.length - 1)]
  if (order === undefined) return null
  return simple(
    'send order',
    [{ table: 'orders', key: { id: order.id }, row: { status: 'sent' } }],
    async (db) =>
      await db.run(`UPDATE "orders" SET "status" = ? WHERE "id" = ?`, ['sent', order.id]),
    { failed: without(orders, order) },
  )
}
