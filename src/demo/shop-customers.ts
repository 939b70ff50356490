import { insertedId, simple, without, type ShopState } from './shop-state.ts'
import { cityName, largeInteger, personName, streetAddress } from './words.ts'
import type { Work } from './work.ts'

/** The trigger adds one row to the audit log; a trigger that also fired for the applier would add two. */
export function editCustomer(state: ShopState): Work | null {
  const { random, share } = state
  const id = share.customers[random.integer(0, share.customers.length - 1)]
  if (id === undefined) return null
  const version = BigInt(state.fresh())
  const row = {
    name: `${personName(random)} ${version}`,
    phone: random.pick([null, '', `+1 555 ${version}`]),
    preferences: JSON.stringify({ version: Number(version), 'ünï 🎉': random.chance(0.5) }),
    version,
  }
  return simple(
    'edit customer',
    [
      { table: 'customers', key: { id }, row },
      { table: 'audit log', key: { customer_id: id, version }, row: { change: 'edited' } },
    ],
    async (db) =>
      await db.run(
        `UPDATE "customers" SET "name" = ?, "phone" = ?, "preferences" = ?, "version" = ? WHERE "id" = ?`,
        [row.name, row.phone, row.preferences, row.version, id],
      ),
    { failed: without(share.customers, id) },
  )
}

export function addCustomer(state: ShopState): Work {
  const { random, writer } = state
  const number = state.fresh()
  const customer = {
    email: `New.${writer}.${number}@Example.org`,
    name: personName(random),
    phone: null,
    is_active: 1n,
    loyalty_number: largeInteger(random),
    created_at: '2026-01-01 12:00:00',
  }
  const address = { street: streetAddress(random), city: cityName(random), postal_code: '' }
  return {
    name: 'add customer',
    intended: [],
    run: async (db) =>
      await db.transaction(async (tx) => {
        const id = await insertedId(
          tx,
          `INSERT INTO "customers" ("email", "name", "phone", "is_active", "loyalty_number", "created_at")
           VALUES (?, ?, ?, ?, ?, ?) RETURNING "id"`,
          Object.values(customer),
        )
        const addressId = await insertedId(
          tx,
          `INSERT INTO "addresses" ("customer_id", "street", "city", "postal_code")
           VALUES (?, ?, ?, ?) RETURNING "id"`,
          [id, ...Object.values(address)],
        )
        return [
          { table: 'customers', key: { id }, row: { ...customer, preferences: '{}', version: 0n } },
          {
            table: 'addresses',
            key: { id: addressId },
            row: { ...address, customer_id: id, label: 'home' },
          },
        ]
      }),
    done: ([made, ...others]) => {
      const id = made?.key['id']
      if (typeof id !== 'bigint') return
      state.made.push({ id, children: others.map((effect) => ({ ...effect, row: null })) })
    },
    failed: () => {},
  }
}

/** Takes the customer's addresses, orders, lines and payments with it by ON DELETE CASCADE. */
export function removeCustomer({ random, made, orders }: ShopState): Work | null {
  const customer = made[random.integer(0, made.length - 1)]
  if (customer === undefined) return null
  const forget = (): void => {
    without(made, customer)()
    for (const order of orders.filter((one) => one.customer === customer.id)) {
      without(orders, order)()
    }
  }
  return simple(
    'remove customer',
    [{ table: 'customers', key: { id: customer.id }, row: null }, ...customer.children],
    async (db) => await db.run(`DELETE FROM "customers" WHERE "id" = ?`, [customer.id]),
    { done: forget, failed: forget },
  )
}
