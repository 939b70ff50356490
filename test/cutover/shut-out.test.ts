import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRig, until, type Rig } from './rig.ts'

/** A server that answers, and lets the application's user no more in. */
let rig: Rig
const role = `shut_out_${randomBytes(4).toString('hex')}`
beforeEach(async () => {
  rig = await createRig()
})
afterEach(async () => {
  await rig.postgres(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)
  await rig.close()
})

const database = (): string => new URL(rig.url).pathname.slice(1)

test.each([
  ['no login', `ALTER ROLE ${role} NOLOGIN`, `ALTER ROLE ${role} LOGIN`, /not permitted to log in/],
  [
    'no right to connect',
    `REVOKE CONNECT ON DATABASE "$db" FROM ${role}, PUBLIC`,
    `GRANT CONNECT ON DATABASE "$db" TO ${role}`,
    /permission denied for database/,
  ],
  [
    'no right on its own schema',
    `ALTER SCHEMA lockstep OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA lockstep FROM ${role}`,
    `ALTER SCHEMA lockstep OWNER TO ${role}`,
    /permission denied for schema lockstep/,
  ],
])(
  '%s: an application on SQLite starts, and says why nothing goes over',
  async (_, shut, open, words) => {
    await rig.postgres(`DROP SCHEMA sqlite CASCADE; CREATE ROLE ${role} LOGIN PASSWORD 'pw'; GRANT ${role} TO CURRENT_USER;
    GRANT CREATE, CONNECT ON DATABASE "${database()}" TO ${role};
    GRANT CREATE ON SCHEMA public TO ${role}`)
    const url = new URL(rig.url)
    url.username = role
    url.password = 'pw'
    const options = { postgres: { connectionString: url.href }, applier: { retryMaxMs: 200 } }
    await (await rig.mirrored(options)).close()
    await rig.postgres(shut.replace('$db', database()))

    const db = await rig.open(options)
    await db.run(`INSERT INTO items (token, n) VALUES ('waits', 1)`)
    await until('the reason', async () => words.test((await db.status()).standstill ?? ''))
    const gates = (await db.ready()).gates.filter(({ ok }) => !ok)
    expect(gates.map(({ name }) => name)).toContain('postgres')
    await expect(db.flip('postgres')).rejects.toMatchObject({ code: 'GATE_REFUSED' })

    await rig.postgres(open.replace('$db', database()))
    await db.caughtUp()
    expect((await db.status()).standstill).toBeNull()
    expect(await rig.differences()).toEqual([])
  },
)
