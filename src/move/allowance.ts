import { readLoad, readThrottle } from '../postgres/load.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { BackfillSettings } from './backfill.ts'
import type { Allowance } from './pace.ts'

/** Asks how fast a backfill may go: what an operator has set, and whether anybody needs the server more. */
export async function lookAround(
  server: PostgresServer,
  { maxActive, maxLagMs }: Pick<BackfillSettings, 'maxActive' | 'maxLagMs'>,
): Promise<Allowance> {
  const percent = await readThrottle(server.control)
  const { active, standbyLagMs } = await readLoad(server.control)
  if (active > maxActive) {
    return { percent, reason: `PostgreSQL is busy: ${active} sessions run a statement` }
  }
  if (standbyLagMs > maxLagMs) {
    return { percent, reason: `a standby of PostgreSQL is ${Math.round(standbyLagMs)} ms behind` }
  }
  return { percent, reason: null }
}
