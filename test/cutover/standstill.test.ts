import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { statusText } from '../../src/cli/commands/status.ts'
import { createRig, until, type Rig } from './rig.ts'

/** Another process than the application asks why nothing goes over. */
let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

const command = (): Promise<Lockstep> => rig.open({ applier: { enabled: false } })

/** Writes, and waits until the other process says this of what the application's applier fails of. */
async function standsStill(asked: Lockstep, words: RegExp): Promise<void> {
  rig.sqlite((file) => file.exec(`INSERT INTO items (token, n) VALUES ('waits', 1)`))
  await until('the reason', async () => words.test((await asked.status()).standstill ?? ''))
  const last =
    statusText(await asked.status())
      .split('\n')
      .at(-1) ?? ''
  expect(last).toMatch(/^now +stands still: .*; \d+ entries wait in the journal$/)
  expect(last).toMatch(words)
}

test.each([
  [
    'a server that takes no writes',
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;
     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    `BEGIN READ WRITE;
     DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$;
     COMMIT;
     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    /read-only transaction/,
  ],
  [
    'a table that is gone',
    'ALTER TABLE items RENAME TO gone',
    'ALTER TABLE gone RENAME TO items',
    /items/,
  ],
])('%s is named, by another process too, until it is mended', async (_, harm, mend, words) => {
  await rig.mirrored({ applier: { retryMaxMs: 200 } })
  const asked = await command()
  expect((await asked.status()).standstill).toBeNull()
  await rig.postgres(harm)
  await standsStill(asked, words)
  await rig.postgres(mend)
  await until('it goes on', async () => (await asked.status()).lag.entries === 0)
  expect((await asked.status()).standstill).toBeNull()
  expect(await rig.differences()).toEqual([])
})

test('a lock that another session holds is named, with the session', async () => {
  await rig.mirrored()
  const asked = await command()
  const holder = await rig.connect()
  await holder.query(`SET application_name = 'holder'; BEGIN; LOCK TABLE items`)
  const words = /session \d+ \(holder\), open for \d+ s, holds a lock/
  await standsStill(asked, words)
  const { gates } = await asked.ready()
  expect(gates.find(({ name }) => name === 'lag')?.detail).toMatch(words)
  await holder.query('COMMIT')
  await until('it goes on', async () => (await asked.status()).lag.entries === 0)
  expect((await asked.status()).standstill).toBeNull()
})

test('that no process applies is said where something waits', async () => {
  const asked = await rig.mirrored({ applier: { enabled: false } })
  expect((await asked.status()).standstill).toBeNull()
  await standsStill(asked, /no process applies: start the application, or `lockstep run`/)
})

test('a schema that has changed is named where no process applies, and while tables are copied', async () => {
  const asked = await rig.mirrored({ applier: { enabled: false } })
  rig.sqlite((file) => file.exec('ALTER TABLE items ADD COLUMN extra TEXT'))
  expect((await asked.status()).standstill).toMatch(/schema has changed: items.*schema sync/)
  await rig.postgres(`UPDATE lockstep.control SET backfill = 'copy'`)
  rig.sqlite((file) => file.exec('UPDATE _lockstep_control SET backfilled = 0'))
  expect(statusText(await asked.status())).toMatch(
    /now +the copy cannot go on: The schema has changed while tables are being copied: items/,
  )
})
