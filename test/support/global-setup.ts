import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { installCompat } from '../../src/compat/install.ts'
import { postgres15Bindir } from './postgres-15.ts'
import { inDatabase, onServer, startPostgres } from './postgres.ts'

/** Losing power during a test run loses nothing, and tests that need durability start their own server. */
const fastSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** One server for each project of a run, and the templates of its databases. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await serverFor(project.name)
  const name = `lockstep_template_${randomBytes(6).toString('hex')}`
  const templates = { empty: name, compat: `${name}_compat` }
  try {
    await onServer(
      server.url,
      `CREATE DATABASE "${templates.empty}" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
    )
    await onServer(
      server.url,
      `CREATE DATABASE "${templates.compat}" TEMPLATE "${templates.empty}"`,
    )
    await withCompat(inDatabase(server.url, templates.compat))
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('postgresUrl', server.url)
  project.provide('postgresTemplates', templates)
  return async () => {
    for (const template of Object.values(templates))
      await onServer(server.url, `DROP DATABASE IF EXISTS "${template}" WITH (FORCE)`)
    await server.stop()
  }
}

async function withCompat(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await installCompat(client)
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
}

async function serverFor(project: string): Promise<{ url: string; stop(): Promise<void> }> {
  if (project === 'postgres-15') {
    const bindir = postgres15Bindir()
    if (bindir === null)
      throw new Error('PostgreSQL 15 is not installed: apt-get install postgresql-15')
    return await startPostgres({ bindir, settings: fastSettings })
  }
  const url = process.env['DATABASE_URL']
  if (url !== undefined && url !== '') return { url, stop: async () => {} }
  const server = await startPostgres({ settings: fastSettings })
  await hashOnce(server.url)
  return server
}

/** A run logs in tens of thousands of times; the thousands of hashes of each log-in guard a password that nobody wants. */
async function hashOnce(url: string): Promise<void> {
  const { username, password } = new URL(url)
  await onServer(url, `SET scram_iterations = 1; ALTER ROLE ${username} PASSWORD '${password}'`)
}
