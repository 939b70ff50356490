import { randomBytes } from 'node:crypto'
import type { TestProject } from 'vitest/node'
import { postgres15Bindir } from './postgres-15.ts'
import { onServer, startPostgres } from './postgres.ts'

/** Losing power during a test run loses nothing, and tests that need durability start their own server. */
const fastSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** One server for each project of a run, and the template of its databases. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await serverFor(project.name)
  const template = `lockstep_template_${randomBytes(6).toString('hex')}`
  try {
    await onServer(
      server.url,
      `CREATE DATABASE "${template}" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
    )
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('postgresUrl', server.url)
  project.provide('postgresTemplate', template)
  return async () => {
    await onServer(server.url, `DROP DATABASE IF EXISTS "${template}" WITH (FORCE)`)
    await server.stop()
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
  return await startPostgres({ settings: fastSettings })
}
