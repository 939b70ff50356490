import type pg from 'pg'
import type { QuarantinedRow } from '../place/place.ts'

/** The rows that PostgreSQL cannot hold, those that came first first. */
export async function readPostgresQuarantine(
  db: Pick<pg.Pool, 'query'>,
  limit: number,
): Promise<QuarantinedRow[]> {
  const { rows } = await db.query<Omit<QuarantinedRow, 'atMs'> & { atMs: string }>(
    /* sql */ `
    SELECT tbl AS "table", key, col AS "column", reason,
           floor(extract(epoch FROM at) * 1000)::bigint::text AS "atMs"
      FROM lockstep.quarantine ORDER BY at, tbl, key LIMIT $1`,
    [limit],
  )
  return rows.map((row) => ({ ...row, atMs: Number(row.atMs) }))
}
