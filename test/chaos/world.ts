import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { serverIdentity } from '../../src/demo/server-identity.ts'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { stretchWire, type Wire } from '../crash/wire.ts'
import { queryPostgres } from '../crash/query.ts'
import { openFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { startPostgres } from '../support/postgres.ts'
import { freezeServer } from '../support/server-pids.ts'
import { startApplication, type Application } from './application.ts'
import type { Operation } from './history/operation.ts'
import { createSmallDisk, type SmallDisk } from './small-disk.ts'
import { schema } from './workload.ts'

/** A pair that works: processes of the application, a server of its own, and a wire between them with faults. */
export interface World extends AsyncDisposable {
  readonly path: string
  /** Past the wire. */
  readonly url: string
  readonly folder: string
  readonly server: PostgresServer
  readonly wire: Wire
  readonly proxy: FaultProxy
  /** Where the file and PostgreSQL's tables are. */
  readonly disks: { readonly sqlite: SmallDisk; readonly postgres: SmallDisk }
  readonly applications: Application[]
  /** What other programs have done, which know nothing of Lockstep. */
  readonly rogue: Operation[]
  /** How calls of Lockstep ended, by call and code. */
  readonly calls: Map<string, number>
  /** Another process joins. */
  join(): Application
  /** Counts how the call ended, and says it. */
  ask(application: Application, call: string, args: readonly unknown[]): Promise<string>
  /** Opens Lockstep in this process, past the wire. */
  open(): Promise<Lockstep>
  /** Stops every process of the server; the function lets them go on. */
  freezeServer(): () => void
}

const clients = 4
const processes = 3
/** So few that a fault can use them up, and all processes find some otherwise. */
const maxConnections = 60

/** So small that a fault fills one in a moment, and a run of some minutes does not by itself. */
const diskMegabytes = { sqlite: 64, postgres: 96, perMinute: 8 }

export async function createWorld(seed: number, lengthMs: number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-chaos-'))
  const server = await startPostgres({
    settings: { max_connections: String(maxConnections), recovery_init_sync_method: 'syncfs' },
  })
  const grown = Math.ceil((lengthMs / 60_000) * diskMegabytes.perMinute)
  const disks = {
    sqlite: createSmallDisk(join(folder, 'sqlite'), diskMegabytes.sqlite + grown),
    postgres: createSmallDisk(join(folder, 'postgres'), diskMegabytes.postgres + grown),
  }
  const path = join(disks.sqlite.folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec(schema)
  file.close()
  const name = 'chaos'
  await createTablespace(server, disks.postgres)
  await queryPostgres(
    server.url,
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TABLESPACE small`,
  )
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const proxy = await openFaultProxy(url.href)
  const wire = await stretchWire(proxy.url)
  const optionsFor = (connectionString: string): LockstepOptions => ({
    sqlite: { path },
    postgres: { connectionString, max: 5 },
    applier: { leaderPollMs: 200, retryMinMs: 50, retryMaxMs: 500 },
    writes: { maxHeldMs: 8000 },
  })
  const applications: Application[] = []
  const world: World = {
    path,
    url: url.href,
    folder,
    server,
    wire,
    proxy,
    disks,
    applications,
    rogue: [],
    calls: new Map(),
    join() {
      const application = startApplication({
        name: `app${applications.length}`,
        seed,
        clients,
        folder,
        options: optionsFor(wire.url),
      })
      applications.push(application)
      return application
    },
    async ask(application, call, args) {
      const answer = await application.ask(call, args)
      const key = `${call} ${answer}`
      world.calls.set(key, (world.calls.get(key) ?? 0) + 1)
      return answer
    },
    open: () => createLockstep(optionsFor(url.href)),
    freezeServer: () => freezeServer(dataFolder),
    async [Symbol.asyncDispose]() {
      for (const application of applications) application.signal('SIGKILL')
      wire.close()
      await proxy.close()
      await server.stop()
      for (const disk of Object.values(disks)) disk.unmount()
      rmSync(folder, { recursive: true })
    },
  }
  const [row] = await queryPostgres<{ data_directory: string }>(url.href, 'SHOW data_directory')
  const dataFolder = row?.data_directory as string
  await travel(world)
  for (let count = 0; count < processes; count++) world.join()
  return world
}

/** The tables alone: a server whose log has no room stops, which is another fault. */
async function createTablespace({ url }: PostgresServer, { folder }: SmallDisk): Promise<void> {
  const { uid, gid } = await serverIdentity()
  chmodSync(dirname(folder), 0o711)
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  await queryPostgres(url, `CREATE TABLESPACE small LOCATION '${folder}'`)
}

async function travel(world: World): Promise<void> {
  const db = await world.open()
  await db.install()
  await db.applySchema()
  await db.backfill()
  await db.close()
}
