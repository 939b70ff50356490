import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { createDatabase, startPostgres } from './postgres.ts'
import { postgres15Bindir } from './postgres-15.ts'

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

describe('a database of the run', () => {
  test('is empty, UTF8, in the C locale, and gone after drop', async () => {
    const database = await createDatabase()
    const [row] = await query(
      database.url,
      `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype,
              (SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS relations
         FROM pg_database WHERE datname = current_database()`,
    )
    expect(row).toEqual({ encoding: 'UTF8', datcollate: 'C', datctype: 'C', relations: 0 })
    await database.drop()
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
  })

  test('is dropped even while sessions are connected to it', async () => {
    const database = await createDatabase()
    const client = new Client({ connectionString: database.url })
    client.on('error', () => {})
    await client.connect()
    await database.drop()
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
    await client.end()
  })
})

const bindir15 = postgres15Bindir()
const servers = [
  { name: 'embedded PostgreSQL 18', bindir: undefined, major: '18' },
  ...(bindir15 === null ? [] : [{ name: 'PostgreSQL 15', bindir: bindir15, major: '15' }]),
]

describe.each(servers)('a server of its own ($name)', ({ bindir, major }) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(bindir === undefined ? {} : { bindir })
  })
  afterAll(async () => {
    await server.stop()
  })

  test('is durable by default and says its version', async () => {
    const [row] = await query(server.url, `SELECT current_setting('fsync') AS fsync, version()`)
    expect(row).toMatchObject({ fsync: 'on' })
    expect(row?.['version']).toContain(`PostgreSQL ${server.version}`)
    expect(server.version.split('.')[0]).toBe(major)
  })

  test('refuses connections after kill and has its committed rows after restart', async () => {
    await query(server.url, 'CREATE TABLE kept AS SELECT 7 AS seven')
    await server.kill()
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.restart()
    expect(await query(server.url, 'SELECT seven FROM kept')).toEqual([{ seven: 7 }])
  })
})
