import { chownSync, chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { serverIdentity } from '../../src/demo/server-identity.ts'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { queryPostgres } from '../crash/query.ts'
import { onServer, startPostgres } from '../support/postgres.ts'
import { createAuthorities, type Authorities, type Authority } from './authority.ts'

let authorities: Authorities
let server: PostgresServer
let trusted: Authority
let stranger: Authority
let path: string

beforeAll(async () => {
  authorities = createAuthorities()
  trusted = authorities.create('trusted')
  stranger = authorities.create('stranger')
  server = await startPostgres({ settings: { fsync: 'off' } })
  // The server's own user must be able to come to the files.
  chmodSync(authorities.folder, 0o755)
  path = join(authorities.folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)`)
  file.close()
})
afterAll(async () => {
  await server.stop()
  authorities[Symbol.dispose]()
})

/** Gives the server this certificate, as a renewal does: new sessions have it. */
async function present(
  wanted: { name: string; alternatives?: string; days?: number },
  by = trusted,
) {
  const issued = by.issue({ alternatives: 'DNS:localhost', days: 1, ...wanted })
  const { uid, gid } = await serverIdentity()
  const [certificate, key] = ['server.pem', 'server.key'].map((name) =>
    join(authorities.folder, name),
  ) as [string, string]
  copyFileSync(issued.certificate, certificate)
  copyFileSync(issued.key, key)
  chmodSync(key, 0o600)
  if (uid !== undefined && gid !== undefined) chownSync(key, uid, gid)
  for (const [name, value] of Object.entries({
    ssl_cert_file: certificate,
    ssl_key_file: key,
    ssl: 'on',
  }))
    await onServer(server.url, `ALTER SYSTEM SET ${name} = '${value}'`)
  await onServer(server.url, 'SELECT pg_reload_conf()')
  await expect.poll(subjectOf).toBe(wanted.name)
}

/** Whose certificate the server shows to who asks for TLS as PostgreSQL's clients do. */
async function subjectOf(): Promise<string> {
  const socket = new Socket().connect(server.port, '127.0.0.1')
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  return new Promise((resolve) => {
    socket.once('data', (answer) => {
      if (answer.toString() !== 'S') return (socket.destroy(), resolve('no TLS'))
      const secure = connectTls({ socket, rejectUnauthorized: false }, () => {
        resolve(String(secure.getPeerCertificate().subject.CN))
        secure.destroy()
      })
      return undefined
    })
  })
}

/** A connection string with `verify-full`, which names the authority by its file. */
function verifying(host = 'localhost', authority = trusted): string {
  const url = new URL(server.url)
  url.hostname = host
  url.searchParams.set('sslmode', 'verify-full')
  url.searchParams.set('sslrootcert', authority.certificate)
  return url.href
}

/** The ways on which Lockstep's connections have come. */
async function connections(): Promise<unknown[]> {
  return queryPostgres(
    server.url,
    `SELECT DISTINCT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
      WHERE a.application_name = 'lockstep'`,
  )
}

async function open(connectionString: string): Promise<Lockstep> {
  return createLockstep({ sqlite: { path }, postgres: { connectionString } })
}

describe('with verify-full', () => {
  test('a server with the right certificate is taken, and the whole way is encrypted', async () => {
    await present({ name: 'right' })
    const db = await open(verifying())
    await db.install()
    await db.applySchema()
    await db.backfill()
    await db.caughtUp()
    expect(await connections()).toEqual([{ ssl: true }])
    expect((await db.verify()).equal).toBe(true)
    await db.close()
  })

  test.each([
    {
      what: 'a server whose certificate is for another host',
      wanted: { name: 'another-host', alternatives: 'DNS:db.example' },
      message: /localhost.*db\.example/s,
    },
    {
      what: 'a server whose certificate has run out',
      wanted: { name: 'run-out', days: -1 },
      message: /certificate has expired/,
    },
    {
      what: 'a server of an authority that is not known',
      wanted: { name: 'unknown' },
      by: () => stranger,
      message: /unable to verify|unable to get local issuer|self[- ]signed/,
    },
  ])('$what is refused, and nothing is sent to it', async ({ wanted, by, message }) => {
    await present(wanted, by?.())
    const db = await open(verifying())
    const failure = await db.install().catch((error: unknown) => error)
    await db.close()
    expect(failure).toMatchObject({ code: 'POSTGRES_UNREACHABLE' })
    expect(String(failure)).toMatch(message)
    expect(String(failure)).toMatch(/sslrootcert/)
    expect(inspect(failure, { depth: 9 })).not.toContain(new URL(server.url).password)
  })

  test('a server that has no TLS is refused, and not spoken to in the clear', async () => {
    await onServer(server.url, 'ALTER SYSTEM SET ssl = off')
    await onServer(server.url, 'SELECT pg_reload_conf()')
    await expect.poll(subjectOf).toBe('no TLS')
    const db = await open(verifying())
    await expect(db.verify()).rejects.toMatchObject({
      code: 'POSTGRES_UNREACHABLE',
      message: expect.stringContaining('does not support SSL') as string,
    })
    await db.run('INSERT INTO t VALUES (2)')
    await db.close()
  })
})
