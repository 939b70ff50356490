import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { withDumpEnvironment, type ConnectedTo } from '../../src/postgres/dump-environment.ts'

const plain: ConnectedTo = {
  host: 'db.example',
  port: 5433,
  user: 'app',
  database: 'shop',
  ssl: false,
}

const environmentOf = (connection: ConnectedTo): Promise<NodeJS.ProcessEnv> =>
  withDumpEnvironment(connection, (env) => Promise.resolve({ ...env }))

test('a program gets host, user, database and password by its environment', async () => {
  const env = await environmentOf({ ...plain, password: 'p w"d' })
  expect(env).toMatchObject({
    PGHOST: 'db.example',
    PGPORT: '5433',
    PGUSER: 'app',
    PGDATABASE: 'shop',
    PGPASSWORD: 'p w"d',
  })
  expect(await environmentOf(plain)).not.toHaveProperty('PGPASSWORD')
  expect(await environmentOf(plain)).not.toHaveProperty('PGSSLMODE')
})

test.each([
  ['verified by the authorities of the system', true, 'verify-full', 'system'],
  ['verified, with settings that say nothing else', {}, 'verify-full', 'system'],
  [
    'not verified, as the application does not',
    { rejectUnauthorized: false },
    'require',
    undefined,
  ],
])('TLS is %s', async (_, ssl, mode, root) => {
  const env = await environmentOf({ ...plain, ssl })
  expect([env['PGSSLMODE'], env['PGSSLROOTCERT']]).toEqual([mode, root])
})

test('certificates and keys stand in files that only their owner can read, and are gone afterwards', async () => {
  const ssl = { ca: ['one', Buffer.from('two')], cert: 'mine', key: [{ pem: 'secret' }] }
  let folder = ''
  await withDumpEnvironment({ ...plain, ssl }, (env) => {
    const [ca = '', cert = '', key = ''] = ['PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY'].map(
      (name) => env[name],
    )
    folder = dirname(key)
    expect([ca, cert, key].map((path) => readFileSync(path, 'utf8'))).toEqual([
      'one\ntwo',
      'mine',
      'secret',
    ])
    expect(statSync(key).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    return Promise.resolve()
  })
  expect(() => statSync(folder)).toThrow('ENOENT')
})
