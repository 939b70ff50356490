import type { Cells } from './ledger.ts'
import { simple, without, type ShopState } from './shop-state.ts'
import { largeInteger } from './words.ts'
import type { Work } from './work.ts'

export function touchSession({ random, sessions, share }: ShopState): Work {
  const known = random.chance(0.6) ? sessions[random.integer(0, sessions.length - 1)] : undefined
  const session = known ?? { token: Buffer.concat([Buffer.from([0]), random.bytes(15)]), hits: 0n }
  const data = JSON.stringify({ cart: random.integer(0, 99), note: random.pick(['', 'é', '🛒']) })
  const row: Cells = { data, hits: session.hits + 1n }
  return simple(
    'touch session',
    [{ table: 'sessions', key: { token: session.token }, row }],
    async (db) =>
      await db.run(
        `INSERT INTO "sessions" ("token", "customer_id", "data", "hits") VALUES (?, ?, ?, 1)
         ON CONFLICT ("token") DO UPDATE SET "data" = excluded."data", "hits" = "sessions"."hits" + 1`,
        [session.token, share.customers[0] ?? null, data],
      ),
    {
      done: () => {
        if (known === undefined) sessions.push(session)
        session.hits++
      },
      failed: without(sessions, session),
    },
  )
}

export function changeSetting({ random, share, changes }: ShopState): Work | null {
  const name = share.settings[random.integer(0, share.settings.length - 1)]
  if (name === undefined) return null
  const count = (changes.get(name) ?? 0n) + 1n
  const value = name.endsWith('empty') ? random.pick([null, '']) : `value ${count}`
  return simple(
    'change setting',
    [{ table: 'settings', key: { name }, row: { value, changes: count } }],
    async (db) =>
      await db.run(
        `INSERT INTO "settings" ("name", "value", "changes") VALUES (?, ?, 1)
         ON CONFLICT ("name") DO UPDATE SET "value" = excluded."value", "changes" = "settings"."changes" + 1`,
        [name, value],
      ),
    { done: () => changes.set(name, count), failed: without(share.settings, name) },
  )
}

/** The table has no key: a write that is done twice shows as two rows. */
export function viewPage(state: ShopState): Work {
  const marker = `${state.writer}/${state.fresh()}`
  const row = { Path: `/p/${state.random.integer(1, 500)}`, visitor: largeInteger(state.random) }
  return simple(
    'view page',
    [{ table: 'page views', key: { marker }, row }],
    async (db) =>
      await db.run(
        `INSERT INTO "page views" ("seen_at", "Path", "visitor", "marker") VALUES (?, ?, ?, ?)`,
        ['2026-01-01 12:00:00', row.Path, row.visitor, marker],
      ),
  )
}
