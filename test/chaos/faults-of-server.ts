import { Client } from 'pg'
import type { Faults } from './faults.ts'

/** What happens to the server itself. */
export const serverFaults: Faults = {
  async 'PostgreSQL killed and started again'({ server }) {
    await server.kill()
    return () => server.restart()
  },
  async 'PostgreSQL stands still'(world) {
    const pids = world.serverPids()
    for (const pid of pids) signal(pid, 'SIGSTOP')
    return () => pids.forEach((pid) => signal(pid, 'SIGCONT'))
  },
  // Of this kind, as a server that was killed does not start where there is no room.
  async 'no room for PostgreSQL'({ disks }) {
    disks.postgres.fill()
    return () => disks.postgres.empty()
  },
  async 'no connection is left'({ url }) {
    const taken = await takeAll(url)
    return () => Promise.all(taken.map((client) => client.end()))
  },
}

/** A process of the server may have ended by itself meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error
  }
}

async function takeAll(url: string): Promise<Client[]> {
  const taken: Client[] = []
  for (;;) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      taken.push(client)
    } catch {
      return taken
    }
  }
}
