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
  } finally {
    await rig.close()
  }
})
