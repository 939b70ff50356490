import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

interface Cluster {
  readonly port: number
  stop(): Promise<void>
}

let cluster: Promise<Cluster> | null = null
let open = 0

/** A fresh UTF-8 database on a server that runs until the last database of the test file is dropped. */
export async function createDatabase(): Promise<TestDatabase> {
  open += 1
  cluster ??= startCluster()
  const { port } = await cluster
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(port, `CREATE DATABASE ${name}`)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/${name}`,
    async drop() {
      await administer(port, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      open -= 1
      if (open > 0 || cluster === null) return
      const last = cluster
      cluster = null
      await (await last).stop()
    },
  }
}

async function administer(port: number, sql: string): Promise<void> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function startCluster(): Promise<Cluster> {
  const bin = findBinaries()
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
  // PostgreSQL refuses to run as root, as it would inside a plain container.
  const identity = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid)
  const data = join(directory, 'data')
  const initial = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']
  execFileSync(join(bin, 'initdb'), initial, { ...identity, cwd: directory, stdio: 'ignore' })
  const port = await freePort()
  const settings = [
    'fsync=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${directory}`,
  ]
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...identity, cwd: directory, stdio: 'ignore' },
  )
  process.once('exit', () => server.kill('SIGQUIT'))
  await untilReady(port)
  return {
    port,
    async stop() {
      const exited = once(server, 'exit')
      server.kill('SIGINT')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function findBinaries(): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).toSorted().toReversed() : []
  const found = versions.map((version) => join(root, version, 'bin'))
  const bin = found.find((directory) => existsSync(join(directory, 'initdb')))
  if (bin === undefined) throw new Error('these tests need an installed PostgreSQL server')
  return bin
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilReady(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await administer(port, 'SELECT 1')
      return
    } catch (error) {
      if (attempt === 200) throw error
      await setTimeout(50)
    }
  }
}
