import { once } from 'node:events'
import { createServer } from 'node:net'

/** A loopback port that was free a moment ago; the caller must be ready to lose the race for it. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP address was given')
  return address.port
}
