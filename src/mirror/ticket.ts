import type { Queryer } from '../postgres/control.ts'

/**
 * Draws numbers that order commits of the PostgreSQL primary against the applier's snapshots: a ticket
 * drawn after a commit is higher than the one of every snapshot that misses it. All that ask while one
 * query is under way share the next.
 */
export interface TicketCounter {
  draw(): Promise<bigint>
}

export function createTicketCounter(server: () => Queryer): TicketCounter {
  let running: Promise<bigint> | undefined
  let next: Promise<bigint> | undefined
  const query = async (): Promise<bigint> => {
    const { rows } = await server().query<{ ticket: string }>(
      `SELECT nextval('lockstep.ticket')::text AS ticket`,
    )
    return BigInt((rows[0] as { ticket: string }).ticket)
  }
  const start = (): Promise<bigint> => {
    const drawn = query().finally(() => (running = undefined))
    running = drawn
    return drawn
  }
  return {
    draw() {
      if (running === undefined) return start()
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined
          return start()
        })
      return next
    },
  }
}
