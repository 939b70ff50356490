import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookAtPostgres } from '../../src/demo/direct.ts'
import { createDemoDatabase } from '../../src/demo/demo-database.ts'
import { checkLedger } from '../../src/demo/ledger-check.ts'
import { createLedger, type Cells } from '../../src/demo/ledger.ts'
import type { Value } from '../../src/values/value.ts'
import { openDatabase, type ConnectedDatabase } from '../support/connected.ts'

let database: ConnectedDatabase
let client: Client
beforeAll(async () => {
  database = await openDatabase()
  client = database.client
  await client.query(
    `CREATE TABLE "Odd ""name""" (k bytea, "Part Two" text, i bigint, r double precision, n numeric, t text)`,
  )
})
afterAll(() => database[Symbol.asyncDispose]())

const key = { k: Buffer.from([0, 255]), 'Part Two': `it's "é" 🎉, {}\\` }
const row: Cells = { i: 2n ** 60n + 1n, r: 0.1 + 0.2, n: 5n, t: '' }

test('a row is found on PostgreSQL by any key and compared value by value', async () => {
  const ledger = createLedger()
  ledger.acknowledge(0, [{ table: 'Odd "name"', key, row }])
  const look = await lookAtPostgres(database.url)
  const check = async () => await checkLedger(ledger.expectations(), look.read)
  expect(await check()).toMatchObject({ lost: 1 })

  const insert = `INSERT INTO "Odd ""name""" VALUES ($1, $2, $3, $4, 5.00, $5)`
  const values: Value[] = [key.k, key['Part Two'], 2n ** 60n + 1n, 0.1 + 0.2, '']
  await client.query(insert, values)
  expect(await check()).toMatchObject({ checked: 1, lost: 0, doubled: 0, stale: 0, undead: 0 })

  await client.query(`UPDATE "Odd ""name""" SET i = i - 1`)
  expect(await check()).toMatchObject({ stale: 1 })
  await client.query(insert, values)
  expect(await check()).toMatchObject({ doubled: 1 })
  ledger.acknowledge(0, [{ table: 'Odd "name"', key, row: null }])
  await client.query(`DELETE FROM "Odd ""name""" WHERE i = $1`, [2n ** 60n + 1n])
  expect(await check()).toMatchObject({ undead: 1 })
  await look.close()
})

test('the database of a demo on a given server is made and dropped', async () => {
  const name = `lockstep_demo_test_${process.pid}`
  const demo = await createDemoDatabase(name, database.url)
  const exists = async (): Promise<unknown> =>
    (await client.query('SELECT count(*)::int AS n FROM pg_database WHERE datname = $1', [name]))
      .rows[0]
  expect(new URL(demo.url).pathname).toBe(`/${name}`)
  expect(await exists()).toEqual({ n: 1 })
  await demo.close()
  expect(await exists()).toEqual({ n: 0 })
})
