import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookAtSqlite } from '../../src/demo/direct.ts'
import { checkLedger } from '../../src/demo/ledger-check.ts'
import { createLedger, type Ledger } from '../../src/demo/ledger.ts'
import { createRandom } from '../../src/demo/random.ts'
import { generateShop } from '../../src/demo/shop-data.ts'
import { createShopScenario } from '../../src/demo/shop-scenario.ts'
import { startTraffic, type TrafficCounters } from '../../src/demo/traffic.ts'
import { plainDatabase } from './plain-database.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function contents(file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true })
  db.defaultSafeIntegers(true)
  const names = db
    .prepare<unknown[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all()
  const all = Object.fromEntries(
    names.map((name) => [name, db.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).all()]),
  )
  db.close()
  return all
}

describe('the shop', () => {
  test('is the same for the same seed, and another one for another seed', () => {
    const files = ['a', 'b', 'c'].map((name) => join(folder, `${name}.db`))
    const [first = '', again = '', other = ''] = files
    generateShop(first, { rows: 2_000, seed: 7 })
    generateShop(again, { rows: 2_000, seed: 7 })
    generateShop(other, { rows: 2_000, seed: 8 })
    expect(contents(again)).toEqual(contents(first))
    expect(contents(other)).not.toEqual(contents(first))
  })

  test('has about as many rows as asked for, in a dozen tables, all constraints kept', () => {
    const file = join(folder, 'size.db')
    const rows = generateShop(file, { rows: 20_000, seed: 1 })
    expect(rows).toBeGreaterThan(17_000)
    expect(rows).toBeLessThan(23_000)
    const db = new Database(file)
    expect(db.pragma('foreign_key_check')).toEqual([])
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(Object.keys(contents(file)).length).toBeGreaterThanOrEqual(12)
    db.close()
  })

  test('has the quirks of real files', () => {
    const file = join(folder, 'quirks.db')
    generateShop(file, { rows: 5_000, seed: 1 })
    const db = new Database(file, { readonly: true })
    const one = (sql: string): unknown => db.prepare(sql).pluck().get()
    expect(one(`SELECT count(*) FROM customers WHERE phone = ''`)).toBeGreaterThan(0)
    expect(one(`SELECT count(*) FROM customers WHERE phone IS NULL`)).toBeGreaterThan(0)
    expect(
      one(`SELECT count(*) FROM customers WHERE loyalty_number > 9007199254740992`),
    ).toBeGreaterThan(0)
    expect(one(`SELECT count(*) FROM products WHERE instr(photo, x'00') > 0`)).toBeGreaterThan(0)
    expect(one(`SELECT count(*) FROM customers WHERE typeof(created_at) <> 'text'`)).toBe(0)
    expect(
      one(`SELECT count(*) FROM products WHERE typeof(weight_kg) NOT IN ('real', 'null')`),
    ).toBe(0)
    expect(one(`SELECT count(*) FROM "Categories" WHERE "ParentId" >= "CategoryId"`)).toBe(0)
    db.close()
  })
})

async function run(
  name: string,
): Promise<{ file: string; ledger: Ledger; counters: TrafficCounters }> {
  const scenario = createShopScenario(folder, { rows: 3_000, seed: 3 })
  const random = createRandom(3, name)
  const db = plainDatabase(scenario.file)
  const ledger = createLedger()
  const traffic = startTraffic({
    db,
    writers: scenario.writers(4, random),
    readers: scenario.readers(2, random),
    ledger,
    random,
    thinkMs: 0,
  })
  while (ledger.acknowledged < 1_500 && traffic.counters.errors.size === 0) await pause(10)
  await traffic.stop()
  db.close()
  return { file: scenario.file, ledger, counters: traffic.counters }
}

describe('the traffic of the shop', () => {
  test('makes no error, reads its own writes, and leaves exactly what the ledger says', async () => {
    const { file, ledger, counters } = await run('clean')
    expect([...counters.errors]).toEqual([])
    expect(counters.reads).toBeGreaterThan(0)
    expect(counters.readBacks).toBeGreaterThan(0)
    expect(counters.staleReads).toBe(0)
    const look = lookAtSqlite(file)
    const check = await checkLedger(ledger.expectations(), look.read)
    expect(check).toMatchObject({ lost: 0, doubled: 0, stale: 0, undead: 0 })
    expect(check.checked).toBeGreaterThan(1_000)
    const tables = new Set(ledger.expectations().map(({ table }) => table))
    expect(tables.size).toBeGreaterThanOrEqual(11)

    const db = new Database(file)
    expect(db.pragma('foreign_key_check')).toEqual([])
    // Each kind of damage is found: it is done to rows that the ledger knows of.
    const markers = db
      .prepare(`SELECT marker FROM "page views" WHERE marker IS NOT NULL`)
      .pluck()
      .all()
    db.prepare(`DELETE FROM "page views" WHERE marker = ?`).run(markers[0])
    db.prepare(`INSERT INTO "page views" SELECT * FROM "page views" WHERE marker = ?`).run(
      markers[1],
    )
    db.prepare(`UPDATE "page views" SET "visitor" = 1 WHERE marker = ?`).run(markers[2])
    const gone = ledger
      .expectations()
      .find(({ table, row }) => table === 'product tags' && row === null)
    db.prepare(`INSERT INTO "product tags" VALUES (?, ?, NULL)`).run(
      gone?.key['product_id'],
      gone?.key['tag'],
    )
    db.close()
    expect(await checkLedger(ledger.expectations(), look.read)).toMatchObject({
      lost: 1,
      doubled: 1,
      stale: 1,
      undead: 1,
    })
    await look.close()
  })
})
