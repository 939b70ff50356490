import { Client } from 'pg'
import { expect, test } from 'vitest'
import { createRig } from '../cutover/rig.ts'

test('a server that is read only is told from a file that is, with a way out', async () => {
  const rig = await createRig()
  try {
    const name = new URL(rig.url).pathname.slice(1)
    const client = new Client({ connectionString: rig.url })
    await client.connect()
    await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    await client.end()
    const db = await rig.open()
    await expect(db.install()).rejects.toMatchObject({
      code: 'POSTGRES_DENIED',
      message: expect.stringContaining('default_transaction_read_only') as string,
    })
    const made = `SELECT count(*) FROM sqlite_schema WHERE name LIKE '_lockstep%'`
    expect(rig.sqlite((file) => file.prepare(made).pluck().get())).toBe(0)
  } finally {
    await rig.close()
  }
})

test('an install that did not end on PostgreSQL is asked for again by the steps behind it', async () => {
  const rig = await createRig()
  try {
    const db = await rig.open()
    await db.install()
    await rig.postgres('DROP SCHEMA lockstep CASCADE')
    await expect(db.applySchema()).rejects.toMatchObject({ code: 'NOT_INSTALLED' })
    await expect(db.backfill()).rejects.toMatchObject({ code: 'NOT_INSTALLED' })
    await db.install()
    await db.applySchema()
    await db.backfill()
    expect((await db.verify()).equal).toBe(true)
  } finally {
    await rig.close()
  }
})
