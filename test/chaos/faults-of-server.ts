import { Client } from 'pg'
import type { Faults } from './faults.ts'

/** What happens to the server itself. */
export const serverFaults: Faults = {
  async 'PostgreSQL killed and started again'({ server }) {
    await server.kill()
    return () => server.restart()
  },
  async 'PostgreSQL stands still'(world) {
    return world.freezeServer()
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
