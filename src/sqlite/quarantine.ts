import type { QuarantinedRow } from '../place/place.ts'
import type { Connection } from './connection.ts'

/** The rows that SQLite cannot hold, those that came first first. */
export function readSqliteQuarantine(db: Connection, limit: number): QuarantinedRow[] {
  const rows = db.prepare(/* sql */ `
    SELECT tbl AS "table", key, col AS "column", reason, at_ms AS "atMs"
      FROM _lockstep_quarantine ORDER BY at_ms, tbl, key LIMIT ?`)
  return rows.safeIntegers(false).all(BigInt(limit)) as QuarantinedRow[]
}
