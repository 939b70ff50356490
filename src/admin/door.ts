import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createTurns } from '../core/turns.ts'
import { maxBodyBytes } from './guard.ts'
import { problemOf, RequestProblem } from './problem.ts'

/** More than there are connections: only a client that does not wait for its answers comes near it. */
const maxWaiting = 512

/**
 * Stands between the sockets and the routes, for the sake of the application in the same process: a body that is too
 * large is refused unread, and one request is begun in a turn of the event loop, however many have come.
 */
export function createDoor(listener: RequestListener): RequestListener {
  const inTurn = createTurns()
  let waiting = 0
  return (incoming, outgoing) => {
    const problem = refusedByHead(incoming)
    if (problem !== null) return refuse(outgoing, problem)
    if (waiting >= maxWaiting) return void incoming.destroy()
    waiting++
    inTurn(() => {
      waiting--
      if (!incoming.destroyed) listener(incoming, outgoing)
    })
  }
}

/** A body without a length would have to be read to know that it is too large. */
function refusedByHead({ headers }: IncomingMessage): RequestProblem | null {
  if (headers['transfer-encoding'] !== undefined)
    return new RequestProblem(411, 'LENGTH_REQUIRED', 'A body must state its Content-Length')
  return Number(headers['content-length'] ?? 0) > maxBodyBytes
    ? new RequestProblem(413, 'TOO_LARGE', `A body has at most ${maxBodyBytes} bytes`)
    : null
}

/** With the connection goes what the client still sends. */
function refuse(outgoing: ServerResponse, problem: RequestProblem): void {
  const { status, body } = problemOf(problem)
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Connection: 'close',
  }
  outgoing.writeHead(status, headers).end(JSON.stringify(body))
}
